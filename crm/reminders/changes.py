"""What a planning changed, told to the one who caused it: reminder by reminder, and why."""

from datetime import date
from typing import NamedTuple

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from crm.reminders import queries
from crm.reminders.models import Reminder
from crm.reminders.planning import Replanned
from crm.reminders.queries import Told
from crm.rules.reminders import ReminderKind
from crm.web import filters

NAMED = 8  # the message travels in a cookie: more are counted, with a link to the list
_LONG = 60  # characters of a title or of reasons


class _Change(NamedTuple):
    """One reminder by number or key: `after` is None for one that is no more, `keeper` what it is
    taken up with."""

    key: int | str
    before: date | None
    after: date | None
    keeper: str = ""
    by_pause: bool = False
    is_new: bool = False


def told(done: Replanned, language: str, today: date) -> Markup | None:
    """A sentence and a list of links; None if nothing was moved, taken up with another, withdrawn,
    brought back or added because of a freeze. Two statements."""
    changes = [
        *(_Change(number, before, after) for number, before, after in done.moves),
        *(_Change(one.reminder_id, one.before, None, *one[2:]) for one in done.gone),
        *(_Change(number, None, after) for number, after in done.back),
        *(_Change(key, None, after, is_new=True) for key, after in done.new),
    ]
    if not changes:
        return None
    changes.sort(key=lambda one: one.before or one.after or date.max)
    named = changes[:NAMED]
    rows = queries.by_id_or_key({one.key for one in named} | {one.keeper for one in named} - {""})
    cases = {rows[one.key].case_id for one in named if one.key in rows}
    items = [
        Markup("<li>{}{}</li>").format(
            _case(rows[one.key]) if len(cases) > 1 else "", _line(one, rows, language, today)
        )
        for one in named
        if one.key in rows
    ]
    if len(changes) > len(items):
        more = ngettext("and %(num)s more", "and %(num)s more", len(changes) - len(items))
        link = Markup('<li><a href="{}">{}</a></li>')
        items.append(link.format(url_for("reminders.inbox", _anchor="moved-head"), more))
    if len(done.moves) == len(changes):
        said = ngettext(
            "%(num)s pending reminder got another day.",
            "%(num)s pending reminders got another day.",
            len(changes),
        )
    else:
        said = ngettext("%(num)s reminder changed.", "%(num)s reminders changed.", len(changes))
    return Markup("{}<ul>{}</ul>").format(said, Markup("").join(items))


def _line(one: _Change, rows: dict[int | str, Reminder], language: str, today: date) -> Markup:
    tells = Told(rows[one.key], language, today)
    before, after = (filters.day(day) if day else "" for day in (one.before, one.after))
    if one.before and one.after:
        text = Markup("{}: {} → {}").format(_link(tells), before, after)
        why = tells.moved_because
        return Markup("{} ({})").format(text, _cut(why)) if why else text
    if one.after and one.is_new:
        return Markup("{}: {}").format(_link(tells), _("is new, %(day)s", day=after))
    if one.after:
        return Markup("{}: {}").format(_link(tells), _("is back, %(day)s", day=after))
    if keeper := rows.get(one.keeper):
        with_it = Told(keeper, language, today)
        words = _("%(day)s, is taken up with", day=before)
        return Markup("{}: {} {}, {}").format(
            _link(tells), words, _link(with_it), filters.day(keeper.show_on)
        )
    if why := _why_gone(one, tells.row):
        words = _("%(day)s, is withdrawn: %(why)s", day=before, why=why)
    else:
        words = _("%(day)s, is withdrawn", day=before)
    return Markup("{}: {}").format(_link(tells), words)


def _why_gone(one: _Change, row: Reminder) -> str:
    if not one.by_pause or row.kind is not ReminderKind.CONTACT:
        return ""
    if row.event_key == "freeze":
        return _("the freeze is over, or lasts longer")
    if row.closes_on is None:
        return ""
    return _("no open day is left before %(day)s", day=filters.day(row.closes_on))


def _case(row: Reminder) -> str:
    return f"{_cut(row.case.title)}, " if row.case is not None else ""


def _link(tells: Told) -> Markup:
    href = url_for("reminders.show", reminder_id=tells.id)
    return Markup('<a href="{}">{}</a>').format(href, _cut(tells.title))


def _cut(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[: _LONG - 1].rstrip()}…"
