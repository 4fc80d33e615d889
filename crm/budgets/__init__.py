"""When the buyers' money is decided: each body's practice, its own dates, and what stands still.

The calendar itself is computed by `crm.rules.budget_cycle`; here are the facts it works on. Units
inherit from the body above them.
"""
