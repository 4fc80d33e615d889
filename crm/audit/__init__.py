"""What happened to the data: who, when, what, from what, to what. Append-only, for every write.

Not the story of an account (that is `activities`): this is the field history behind it.
"""
