"""Who we are: users, their roles, sign-in, sessions, second factor, invitations.

Not the customer's people (that is `people`) and not customer accounts (that is `organisations`).
"""
