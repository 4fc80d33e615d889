"""What we ask for: price lists, a case's ladder and its size, price sheets, what units pay already.

A price list that is published never changes; the next one is another version. A sheet is what was
on it the day it was made.
"""
