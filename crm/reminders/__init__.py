"""Reminders: facts and rules in, planned reminders out, delivered in inbox, digest and feed.

What is planned is decided by the pure `crm.rules.reminders`; this package gathers the facts, keeps
the rows, and shows them. It reads every domain below and is known to none of them.
"""
