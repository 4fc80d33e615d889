"""Who saved a row since a form was opened, in a sentence: one's own other window is no stranger."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast

from flask import Flask, current_app
from flask_babel import gettext as _
from flask_login import current_user

from crm.core import clock
from crm.web import filters

_EXTENSION = "last_save"


@dataclass(frozen=True, slots=True)
class LastSave:
    """The save that made a row what it is. Without `by_id` the program itself made it."""

    at: datetime
    by_id: int | None
    by: str


class Change(Protocol):
    """A version of what keeps its own history."""

    @property
    def changed_at(self) -> datetime: ...
    @property
    def changed_by_id(self) -> int | None: ...
    @property
    def changed_by(self) -> Any: ...


def latest(changes: Sequence[Change]) -> LastSave | None:
    """The save behind the first of them; None where nothing was changed yet."""
    if not changes:
        return None
    last = changes[0]
    return LastSave(
        last.changed_at, last.changed_by_id, last.changed_by.name if last.changed_by else ""
    )


LastSaveOf = Callable[[Any], LastSave | None]
"""Tells a row's last save; None where the history does not say."""


def register(app: Flask, last_save: LastSaveOf) -> None:
    """`last_save` reads the history, which lies in a package above this one."""
    app.extensions[_EXTENSION] = last_save


def last_save(row: Any) -> LastSave | None:
    """Who saved the row, and when. One statement."""
    return cast(LastSaveOf, current_app.extensions[_EXTENSION])(row)


def overtaken(save: LastSave | None) -> str:
    """What is said to whoever sends a form that was opened before that save."""
    kept = _(
        "What you typed is still here: open the page anew in another tab, compare, and save again."
    )
    return f"{_by_whom(save)} {kept}"


def _by_whom(save: LastSave | None) -> str:
    if save is None:
        return _("This has been saved anew since you opened the page.")
    at = _moment(save.at)
    if save.by_id is None:
        return _("The program itself changed this %(at)s.", at=at)
    if save.by_id == getattr(current_user, "id", None):
        return _("You changed this in another window %(at)s.", at=at)
    return _("%(name)s changed this %(at)s.", name=save.by, at=at)


def _moment(at: datetime) -> str:
    there = clock.local(at)
    if there.date() == clock.today():
        return _("at %(time)s", time=f"{there:%H:%M}")
    return _("on %(day)s", day=filters.instant(at))
