"""The only reader of the clock.

Rules and operations take `today` or `now` as an argument; views, jobs and commands ask here.
"""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The civil date in Sweden right now, whatever zone the server or the browser is in."""
    return now().astimezone(STOCKHOLM).date()


def local(instant: datetime) -> datetime:
    """An instant as Swedish wall-clock time, both clock changes included."""
    return instant.astimezone(STOCKHOLM)


def at(day: date, hour: int) -> datetime:
    """The instant when Swedish clocks strike a full hour on a day.

    An hour that is skipped in spring is the one after it; one that comes twice in autumn is the
    first of the two.
    """
    return datetime.combine(day, time(hour), tzinfo=STOCKHOLM).astimezone(UTC)
