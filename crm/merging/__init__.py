"""Merging: two records of one organisation or one person become one, and two again (A9)."""
