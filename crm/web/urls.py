"""Address parts with types: a malformed id is a 404 before any view runs."""

from datetime import date

from werkzeug.routing import BaseConverter, IntegerConverter, Map, ValidationError


class IdConverter(IntegerConverter):
    """A row's id; larger than the database can hold is simply not found."""

    def __init__(self, routes: Map) -> None:
        super().__init__(routes, min=1, max=2_147_483_647)


class DayConverter(BaseConverter):
    """2026-11-23."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise ValidationError from error

    def to_url(self, value: date) -> str:
        return value.isoformat()


CONVERTERS = {"id": IdConverter, "day": DayConverter}
