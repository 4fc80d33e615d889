"""Records requests (begäran om allmän handling): asked what, of whom, when, and what came of it.

The program writes the letter, keeps the days and what was learned. It keeps no files: a field says
where they are kept.
"""
