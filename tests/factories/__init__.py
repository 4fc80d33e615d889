"""Plain functions that make rows, one file per domain; a test states only what it is about."""
