"""The story of an account: calls, mails, notes, meetings, stage moves, reminders done.

One table, one timeline. Other domains call `record`; nothing done is deleted by a state change.
"""
