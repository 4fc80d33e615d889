"""Requests whose address is cleaned as forms are: no character that no column can hold."""

from functools import cached_property

from flask import Request as FlaskRequest
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from crm.web.forms import clean


class Request(FlaskRequest):
    """As Flask's; what stands after ? in the address has passed through `clean`."""

    @cached_property
    def args(self) -> MultiDict[str, str]:
        found = super().args
        return ImmutableMultiDict((key, str(clean(value))) for key, value in found.items(multi=True))
