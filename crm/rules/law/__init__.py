"""The law's calendar: what the procurement acts say of money and days, and why.

Facts: `procurement-law.md`. Every rule takes the day it is asked for, looks its figure up among the
dated rows of `values`, cites its paragraph, and returns an `Explained` answer whose steps a page
can show. The program informs; the authority decides.
"""
