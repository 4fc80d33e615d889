"""The champion kit: what somebody inside the body needs in order to carry it on, under one link.

Chosen parts, frozen: a summary, steps of the price, answers on security and the like, references.
Whoever has the link reads it without signing in and may ask a question, which arrives as inbound.
"""
