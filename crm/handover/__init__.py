"""Handing over: a colleague's accounts, cases, reminders and inquiries, in one go, to others (J3)."""
