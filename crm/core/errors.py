"""The three errors the program knows. Anything else is a bug."""


class NotFound(Exception):
    """The thing asked for does not exist; becomes 404."""


class NotAllowed(Exception):
    """The one who asks may not; becomes 403."""


class RuleBroken(Exception):
    """A rule says no. `str(error)` is a finished sentence for the user, in the user's language."""
