"""Mail on its way out. Operations write a row in their own transaction; a job sends it.

A rollback therefore un-sends, and a crash re-sends once with the same Message-ID. Knows nothing
of what the letters say.
"""
