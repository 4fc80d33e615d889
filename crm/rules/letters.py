"""How often a colleague gets our mail, and which week a weekly one is about (E11). Pure."""

from datetime import date, timedelta
from enum import StrEnum

WEEK = timedelta(days=7)


class LetterPace(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    NONE = "none"


def letter_day(today: date, weekday: int) -> date:
    """The latest chosen weekday (0 Monday … 4 Friday), today included: the week before that day is
    what the letter is about. Sent late, after a day off, it is about the same week."""
    return today - timedelta(days=(today.weekday() - weekday) % 7)


def is_time(today: date, weekday: int, written_for: date | None) -> bool:
    """Has the week's letter not been seen to yet? `written_for`: the last day it was."""
    return written_for is None or written_for < letter_day(today, weekday)
