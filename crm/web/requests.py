"""The request: what is typed has a limit of its own, and addresses are cleaned as forms are."""

from functools import cached_property

import flask
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from crm.web.forms import clean

MAX_TYPED = 1_000_000  # bytes; the longest form is a tenth of it


class Request(flask.Request):
    """Reads at most MAX_TYPED bytes of a body that is no upload.

    MAX_FORM_MEMORY_SIZE does not count for an ordinary form, which is read in one piece.
    """

    @property
    def max_content_length(self) -> int | None:
        """Bytes; more of them is a 413."""
        longest = super().max_content_length
        if self.mimetype == "multipart/form-data":
            return longest
        return MAX_TYPED if longest is None else min(MAX_TYPED, longest)

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        self._max_content_length = value

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """What stands after ? in the address, without characters that no column can hold."""
        found = super().args
        return ImmutableMultiDict(
            (key, str(clean(value))) for key, value in found.items(multi=True)
        )
