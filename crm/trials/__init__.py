"""Trials and pilots: who tries our products, told by the products themselves or by a table.

A trial lands in the inbound queue as interest like any other; here is kept how much it is used. The
rulebook reads messages and rows (`crm.rules.trials`) and checks signatures (`crm.rules.webhooks`).
"""
