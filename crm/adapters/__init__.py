"""Other machines. Today: one mail server."""
