"""The four errors the program knows. Anything else is a bug."""


class NotFound(Exception):
    """The thing asked for does not exist; becomes 404."""


class NotAllowed(Exception):
    """The one who asks may not; becomes 403."""


class RuleBroken(Exception):
    """A rule says no. `str(error)` is a finished sentence for the user, in the user's language."""


class MergedInto(Exception):
    """What was asked for has been merged into another; the reader is sent there.

    `kind` is the table's name, `title` what the one that is gone was called.
    """

    def __init__(self, kind: str, gone_id: int, title: str, into_id: int) -> None:
        super().__init__(f"{kind} {gone_id} is now {into_id}")
        self.kind, self.gone_id, self.title, self.into_id = kind, gone_id, title, into_id
