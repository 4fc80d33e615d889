"""Handing over: a colleague's accounts, cases, reminders and inquiries go to others (J3)."""
