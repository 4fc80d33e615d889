"""The program's own lines in words: `data["event"]` names the sentence, in the reader's language.

Other domains record facts (which stage, until when, to whom); how they are told is decided here,
when somebody reads. A key that is not known here gets a sentence that is true of anything.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from crm.activities.models import ActivityKind
from crm.activities.queries import Entry
from crm.web.filters import day
from crm.web.labels import LABELS, label, label_of

ICONS = {
    ActivityKind.CALL: "telephone-inbound",
    ActivityKind.MAIL: "envelope",
    ActivityKind.MEETING: "people",
    ActivityKind.NOTE: "pencil",
    ActivityKind.INQUIRY: "inbox",
    ActivityKind.STAGE: "arrow-up-right",
    ActivityKind.CASE: "journal-text",
    ActivityKind.REMINDER: "bell",
    ActivityKind.POST: "person-badge",
    ActivityKind.PROCUREMENT: "megaphone",
    ActivityKind.CALENDAR: "calendar-week",
    ActivityKind.CHAMPION: "star",
    ActivityKind.ACCOUNT: "buildings",
    ActivityKind.CONTRACT: "file-earmark-text",
}

Data = dict[str, Any]


def sentence(entry: Entry) -> str:
    """What the line says, in one sentence without a full stop."""
    if entry.by_hand:
        return _by_hand(entry)
    tell = SENTENCES.get(str(entry.data.get("event", "")), _anything)
    return tell(entry)


def icon_of(entry: Entry) -> str:
    """The drawing beside the line."""
    event = entry.data.get("event")
    if event == "case_waiting":
        return "pause-circle"
    if event == "case_woken":
        return "play-circle"
    if event == "champion_arrived":
        return "star"
    return ICONS[entry.kind]


def tone(entry: Entry) -> str:
    """'wait' for waiting, 'accent' for what opens something, else ''. Never an alarm."""
    return {"case_waiting": "wait", "champion_arrived": "accent"}.get(
        str(entry.data.get("event", "")), ""
    )


def _by_hand(entry: Entry) -> str:
    if not entry.person:
        return label(entry.kind)
    who = entry.person
    match entry.kind:
        case ActivityKind.CALL:
            return _("Call with %(person)s", person=who)
        case ActivityKind.MAIL:
            return _("Mail with %(person)s", person=who)
        case ActivityKind.MEETING:
            return _("Meeting with %(person)s", person=who)
        case _:
            return _("Note about %(person)s", person=who)


def _named(entry: Entry) -> str:
    """The case's title, or plain words when it was not written down."""
    return str(entry.data.get("title") or entry.data.get("case") or _("the case"))


def _who(entry: Entry) -> str:
    return str(entry.data.get("name") or entry.person or _("Somebody"))


def _date(text: object) -> str:
    try:
        return day(date.fromisoformat(str(text)))
    except ValueError:
        return ""


def _value(data: Data, key: str, enum_name: str) -> str:
    value = str(data.get(key) or "")
    return label_of(value, enum_name) if value and enum_name in LABELS else value


# --- One sentence for each event ----------------------------------------------------------------


def _case_opened(entry: Entry) -> str:
    return _("Case opened: %(case)s", case=_named(entry))


def _moved(enum_name: str) -> Callable[[Entry], str]:
    def tell(entry: Entry) -> str:
        before = _value(entry.data, "before", enum_name)
        after = _value(entry.data, "after", enum_name)
        if before and after:
            return _(
                "%(case)s: from %(before)s to %(after)s",
                case=_named(entry),
                before=before,
                after=after,
            )
        return _("%(case)s: now %(after)s", case=_named(entry), after=after or "–")

    return tell


def _case_waiting(entry: Entry) -> str:
    reason = _value(entry.data, "reason", "WaitReason")
    event = _value(entry.data, "wake_event", "WakeEvent")
    until = event or (
        _("until %(day)s", day=_date(entry.data["until"])) if entry.data.get("until") else ""
    )
    said = ", ".join(part for part in (reason, until) if part)
    return _("%(case)s is waiting: %(reason)s", case=_named(entry), reason=said)


def _case_woken(entry: Entry) -> str:
    return _("%(case)s is under way again", case=_named(entry))


def _case_closed(entry: Entry) -> str:
    outcome = _value(entry.data, "outcome", "Outcome")
    reason = _value(entry.data, "reason", "OutcomeReason")
    if reason:
        return _(
            "%(case)s closed: %(outcome)s (%(reason)s)",
            case=_named(entry),
            outcome=outcome,
            reason=reason,
        )
    return _("%(case)s closed: %(outcome)s", case=_named(entry), outcome=outcome)


def _case_reopened(entry: Entry) -> str:
    return _("%(case)s opened again", case=_named(entry))


def _laid_back(entry: Entry) -> str:
    return _(
        "%(title)s: planned backwards from %(day)s, %(route)s",
        title=entry.data.get("title", ""),
        day=_date(entry.data.get("in_use_on")),
        route=_value(entry.data, "route", "Route"),
    )


def _promise_kept(entry: Entry) -> str:
    return _(
        "%(case)s: done as promised: %(step)s", case=_named(entry), step=entry.data.get("step", "")
    )


def _unit_joined(entry: Entry) -> str:
    return _(
        "%(unit)s joined %(case)s",
        unit=entry.data.get("unit") or entry.organisation,
        case=_named(entry),
    )


def _role(given: bool) -> Callable[[Entry], str]:
    def tell(entry: Entry) -> str:
        role = _value(entry.data, "role", "CaseRole")
        words = (
            _("%(person)s has a role in %(case)s: %(role)s")
            if given
            else _("%(person)s no longer has the role in %(case)s: %(role)s")
        )
        return words % {"person": _who(entry), "case": _named(entry), "role": role}

    return tell


def _successor_needed(entry: Entry) -> str:
    return _(
        "%(case)s needs a successor to %(person)s (%(roles)s)",
        case=_named(entry),
        person=_who(entry),
        roles=", ".join(label_of(role, "CaseRole") for role in entry.data.get("roles", [])),
    )


def _inquiry_logged(entry: Entry) -> str:
    if entry.person:
        return _("Inquiry from %(person)s", person=entry.person)
    return _("Inquiry")


def _inquiry_answered(entry: Entry) -> str:
    if entry.person:
        return _("Inquiry answered: %(person)s", person=entry.person)
    return _("Inquiry answered")


def _inquiry_let_go(_entry: Entry) -> str:
    return _("Inquiry let go")


def _person_moved(entry: Entry) -> str:
    to, on = entry.data.get("to"), _date(entry.data.get("on"))
    if not to:
        return _post_ended(entry)
    if on:
        return _(
            "%(person)s moved to %(organisation)s %(day)s",
            person=_who(entry),
            organisation=to,
            day=on,
        )
    return _("%(person)s moved to %(organisation)s", person=_who(entry), organisation=to)


def _post_ended(entry: Entry) -> str:
    title = entry.data.get("title")
    if title:
        return _("%(person)s has left the post as %(title)s", person=_who(entry), title=title)
    return _("%(person)s has left", person=_who(entry))


def _post_started(entry: Entry) -> str:
    title, came_from = entry.data.get("title"), entry.data.get("came_from")
    if came_from:
        return _(
            "%(person)s has come from %(organisation)s",
            person=_who(entry),
            organisation=came_from,
        )
    if title:
        return _("%(person)s is here as %(title)s", person=_who(entry), title=title)
    return _("%(person)s is here", person=_who(entry))


def _champion_arrived(entry: Entry) -> str:
    return _(
        "A known champion in a new place: %(person)s from %(organisation)s. "
        "A good day to get in touch is %(day)s",
        person=_who(entry),
        organisation=entry.data.get("came_from", ""),
        day=_date(entry.data.get("follow_up_on")),
    )


def _champion_act(entry: Entry) -> str:
    data = entry.data
    function = _value(data, "function", "Function")
    parts = [
        _("towards %(function)s", function=function) if function else "",
        _value(data, "outcome", "SellingOutcome"),
        str(data.get("other") or ""),
    ]
    said = ", ".join(part for part in parts if part)
    told = f"{_who(entry)}: {_value(data, 'act', 'ActKind')}"
    if said:
        told += f" ({said})"
    if next_on := _date(data.get("next_on")):
        told += ". " + _(
            "Next: %(occasion)s %(day)s",
            occasion=_value(data, "next", "Occasion"),
            day=next_on,
        )
    return told


def _reminder(words: Callable[[], str]) -> Callable[[Entry], str]:
    def tell(entry: Entry) -> str:
        what = entry.data.get("title") or entry.data.get("what") or ""
        return f"{words()}: {what}" if what else words()

    return tell


def _reminder_snoozed(entry: Entry) -> str:
    event = _value(entry.data, "wake_event", "WakeEvent")
    until = _date(entry.data.get("until") or "")
    if event:
        return _("Reminder put off %(until)s", until=event)
    if until:
        return _("Reminder put off until %(day)s", day=until)
    return _("Reminder put off")


def _reminders_put_off(entry: Entry) -> str:
    number = int(entry.data.get("number") or 0)
    event = _value(entry.data, "wake_event", "WakeEvent")
    if event:
        return ngettext(
            "One reminder put off %(until)s",
            "%(num)s reminders put off %(until)s",
            number,
            until=event,
        )
    until = _date(entry.data.get("until") or "")
    if until:
        return ngettext(
            "One reminder put off until %(day)s",
            "%(num)s reminders put off until %(day)s",
            number,
            day=until,
        )
    return ngettext("One reminder put off", "%(num)s reminders put off", number)


def _contracts_taken_out(entry: Entry) -> str:
    number = int(entry.data.get("number") or 0)
    return ngettext(
        "One contract that a notice told of taken out of the register",
        "%(num)s contracts that notices told of taken out of the register",
        number,
    )


def _contracts_put_back(entry: Entry) -> str:
    number = int(entry.data.get("number") or 0)
    return ngettext(
        "One contract that a notice told of put back into the register",
        "%(num)s contracts that notices told of put back into the register",
        number,
    )


def _reminders_back(entry: Entry) -> str:
    number = int(entry.data.get("number") or 0)
    return ngettext("One reminder brought back", "%(num)s reminders brought back", number)


def _calendar_changed(entry: Entry) -> str:
    data = entry.data
    if data.get("decision"):
        return _(
            "Budget year: %(practice)s, %(certainty)s",
            practice=_value(data, "decision", "DecisionPractice"),
            certainty=_value(data, "certainty", "Certainty"),
        )
    if data.get("pause"):
        return _(
            "%(pause)s from %(day)s",
            pause=_value(data, "pause", "PauseKind"),
            day=_date(data.get("start")),
        )
    if year := data.get("assumed_for"):
        return _(
            "The dates are assumed for budget %(year)s: nobody has looked again yet", year=year
        )
    if year := data.get("confirmed_for"):
        return _("The dates are still the same for budget %(year)s", year=year)
    if meetings := data.get("meetings"):
        if meetings < 0:
            return _("A council meeting is taken away")
        return str(
            ngettext("One council meeting noted", "%(num)s council meetings noted", meetings)
        )
    if data.get("decided_on"):
        return _(
            "The budget of %(year)s is decided at the council meeting on %(day)s",
            year=data.get("budget_year"),
            day=_date(data.get("decided_on")),
        )
    if data.get("pause_ended"):
        return _("%(pause)s ended", pause=_value(data, "pause_ended", "PauseKind"))
    return _("Dates of the budget year changed")


def _procurement_laid_out(entry: Entry) -> str:
    return _(
        "%(title)s: laid out as %(route)s",
        title=_named(entry),
        route=_value(entry.data, "route", "Route"),
    )


def _option_used(entry: Entry) -> str:
    until = entry.data.get("until")
    if not until:
        return _("%(title)s: an option was used", title=_named(entry))
    return _(
        "%(title)s: an option was used, and it runs until %(day)s",
        title=_named(entry),
        day=day(date.fromisoformat(until)),
    )


def _procurement_noticed(entry: Entry) -> str:
    return _(
        "%(title)s: a notice was imported (%(kind)s)",
        title=_named(entry),
        kind=_value(entry.data, "notice", "NoticeKind"),
    )


def _anything(entry: Entry) -> str:
    title = entry.data.get("title")
    return f"{label(entry.kind)}: {title}" if title else label(entry.kind)


def _merged(entry: Entry) -> str:
    return _("%(name)s turned out to be the same, and was merged here", name=_gone(entry))


def _taken_over(entry: Entry) -> str:
    return _(
        "%(name)s went up in this on %(day)s, with all that was there",
        name=_gone(entry),
        day=_date(entry.data.get("on")) or _("a day"),
    )


def _gone(entry: Entry) -> str:
    return str(entry.data.get("gone") or _("Another account"))


def _records_answered(entry: Entry) -> str:
    return _(
        "Records request answered (%(outcome)s): %(title)s",
        outcome=_value(entry.data, "outcome", "RequestOutcome").lower(),
        title=_named(entry),
    )


SENTENCES: dict[str, Callable[[Entry], str]] = {
    "merged": _merged,
    "champion_act": _champion_act,
    "taken_over": _taken_over,
    "case_opened": _case_opened,
    "pilot_planned": lambda _entry: _("Pilot planned"),
    "pilot_evaluated": lambda _entry: _("Pilot evaluated"),
    "pilot_called_off": lambda _entry: _("Pilot called off"),
    "pilot_taken_up": lambda _entry: _("Pilot taken up again"),
    "adoption_moved": _moved("AdoptionStage"),
    "procurement_moved": _moved("ProcurementStage"),
    "case_waiting": _case_waiting,
    "case_woken": _case_woken,
    "case_closed": _case_closed,
    "case_reopened": _case_reopened,
    "promise_kept": _promise_kept,
    "laid_back": _laid_back,
    "procurement_opened": lambda entry: _("Procurement: %(title)s", title=_named(entry)),
    "procurement_laid_out": _procurement_laid_out,
    "procurement_noticed": _procurement_noticed,
    "procurement_cancelled": lambda entry: _(
        "%(title)s: called off by the authority", title=_named(entry)
    ),
    "price_sheet_shared": lambda entry: _(
        "Price sheet %(number)s shared: %(product)s",
        number=entry.data.get("number") or "",
        product=entry.data.get("product") or _("a product"),
    ),
    "contracts_taken_out": _contracts_taken_out,
    "contracts_put_back": _contracts_put_back,
    "kit_shared": lambda entry: _(
        "Champion kit %(number)s shared with %(name)s",
        number=entry.data.get("number") or "",
        name=entry.data.get("name") or "",
    ),
    "contract_removed": lambda entry: _(
        "Taken away, entered by mistake: %(title)s", title=_named(entry)
    ),
    "procurement_removed": lambda entry: _(
        "Taken away, entered by mistake: %(title)s", title=_named(entry)
    ),
    "contract_added": lambda entry: _("Contract: %(title)s", title=_named(entry)),
    "contract_ended": lambda entry: _(
        "%(title)s: ends before its time, on %(day)s",
        title=_named(entry),
        day=_date(entry.data.get("on")) or _("a day"),
    ),
    "option_used": _option_used,
    "option_declined": lambda entry: _("%(title)s: the option is not used", title=_named(entry)),
    "tender_go": lambda entry: _("%(title)s: we tender", title=_named(entry)),
    "tender_no_go": lambda entry: _("%(title)s: we let it go", title=_named(entry)),
    "tender_submitted": lambda entry: _("%(title)s: our tender has gone in", title=_named(entry)),
    "contact_stopped": _reminder(lambda: _("Contact stopped while a procurement is advertised")),
    "records_asked": lambda entry: _("Records requested: %(title)s", title=_named(entry)),
    "records_answered": _records_answered,
    "unit_joined": _unit_joined,
    "role_given": _role(True),
    "role_ended": _role(False),
    "successor_needed": _successor_needed,
    "inquiry_logged": _inquiry_logged,
    "inquiry_answered": _inquiry_answered,
    "inquiry_let_go": _inquiry_let_go,
    "person_moved": _person_moved,
    "post_started": _post_started,
    "post_ended": _post_ended,
    "champion_arrived": _champion_arrived,
    "reminder_done": _reminder(lambda: _("Reminder done")),
    "reminder_dismissed": _reminder(lambda: _("Reminder put aside")),
    "reminder_back": _reminder(lambda: _("Reminder back in the inbox")),
    "reminder_snoozed": _reminder_snoozed,
    "reminders_put_off": _reminders_put_off,
    "reminders_back": _reminders_back,
    "calendar_changed": _calendar_changed,
}
