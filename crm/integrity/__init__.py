"""Integrity: whom we sell to serves the public, and all suppliers are treated alike.

The line on equal treatment, the log of what was shared before a notice, conflicts of interest that
we know of, and hospitality, which is refused while a procurement is under way. There are no fields
for gifts or commissions, on purpose.
"""
