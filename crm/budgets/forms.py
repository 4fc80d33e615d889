"""Forms of a buyer's year: the calendar in one form, and pauses."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from crm.budgets.drafts import (
    DECISION,
    EVENT,
    MEETING,
    OFFSETS,
    USUAL_OFFSET,
    Calendar,
    DateRow,
    Ground,
    ImportedRow,
    MainPhase,
    all_phases,
    main_phases,
    typical,
    year_offset_of,
)
from crm.budgets.importing import said, understood
from crm.budgets.models import BudgetEvent, BudgetPractice, PauseKind
from crm.budgets.operations import LONGEST_ADDRESS
from crm.budgets.yearless import LONGEST_TEXT, Stretch, month_name, read, written
from crm.core import clock
from crm.rules.budget_cycle import (
    ELECTION_DECISION_MONTHS,
    BodyKind,
    DecisionPractice,
    Phase,
    PhaseRole,
    Practice,
    phases,
    practices_for,
)
from crm.rules.certainty import Certainty
from crm.rules.neighbours import Guess
from crm.rules.precision import DateProblem, UnreadableDate, parse_day
from crm.rules.timetable import LONGEST_TEXT as LONGEST_NAME
from crm.rules.timetable import Entry
from crm.rules.timetable_rows import clashes
from crm.web.filters import language, locale
from crm.web.forms import DayField, Form, LastDayField, OnceForm, PastDayField, VersionedForm
from crm.web.labels import label

MOST_ROWS: Final = 40  # of named events, and of dates for single years
TIGHT_YEARS: Final = 3  # KL 11 kap. 12 §: a deficit is made good within three years
_ROW: Final = re.compile(r"(own|one)_(\d{1,2})_")
_BARE_HOST: Final = re.compile(r"[\w-]+(\.[\w-]+)+([/?#].*)?", re.IGNORECASE)


# --- Fields ------------------------------------------------------------------------------------


class LinkField(StringField):
    """A web address that is safe to show as a link. "www.hultsfred.se" gets its https://."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        text = str(self.data or "")
        if _BARE_HOST.fullmatch(text):
            self.data = f"https://{text}"

    def pre_validate(self, form: object) -> None:
        text = str(self.data or "")
        if not text:
            return
        try:
            parts = urlsplit(text)
            usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
        except ValueError:
            usable = False
        if not usable or any(sign.isspace() for sign in text):
            raise ValidationError(_("The link must begin with https:// or http://."))


class NoLaterDayField(PastDayField):
    """A day that has been, and tomorrow is refused."""

    @classmethod
    def example(cls) -> date:
        return clock.today()

    def pre_validate(self, form: object) -> None:
        super().pre_validate(form)
        if self.day is not None and self.day > clock.today():
            raise ValidationError(_("That day has not come yet."))


class StretchField(StringField):
    """A day, month or week without a year: "15/3", "15 mars", "mars", "v. 12", "mars–april"."""

    @property
    def stretch(self) -> Stretch | None:
        """What is written, or None if nothing or nothing readable is. Weeks are next year's."""
        try:
            return self._read()
        except UnreadableDate:
            return None

    def _read(self) -> Stretch | None:
        return read(str(self.data), clock.today().year + 1) if self.data else None

    def pre_validate(self, form: object) -> None:
        try:
            self._read()
        except UnreadableDate as error:
            raise ValidationError(_unreadable(error.problem)) from error


def _unreadable(problem: DateProblem) -> str:
    match problem:
        case DateProblem.NO_SUCH_DAY:
            return _("There is no such day in that month.")
        case DateProblem.NO_SUCH_MONTH:
            return _("There are twelve months. Write the day first: 15/3.")
        case DateProblem.NO_SUCH_WEEK:
            return _("There is no such week.")
        case _:
            return _("Write a day (15/3 or 15 mars), a month (mars) or a week (v. 12).")


# --- The calendar ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """The fields of one main phase on the form."""

    step: MainPhase
    start: StretchField
    end: StretchField
    year: SelectField

    @property
    def name(self) -> str:
        return self.step.name_en if language() == "en" else self.step.name_sv


@dataclass(frozen=True, slots=True)
class Extra:
    """The fields of a named event (`what` is its name) or a date for one year (a phase)."""

    prefix: str
    what: StringField | SelectField
    start: StretchField
    end: StretchField
    year: SelectField

    @property
    def fields(self) -> tuple[Any, ...]:
        return (self.what, self.start, self.end, self.year)

    @property
    def is_empty(self) -> bool:
        return not any(field.data for field in (self.what, self.start, self.end))


class CalendarForm(VersionedForm):
    """How a body decides its budget: template, own dates, source, certainty. Made by `form_for`."""

    kind: BodyKind
    steps: tuple[MainPhase, ...]
    rows: tuple[tuple[str, int], ...]  # ("own", 0), ("one", 0), …
    inherited: Practice | None  # what lies above a unit
    stored_deficit: int | None  # may be chosen again even when it is past
    stored_ground: Ground | None  # what the calendar rested on when the form was opened

    decision = RadioField(_l("Which calendar"), validators=[InputRequired(_l("Choose one."))])
    source_url = LinkField(_l("Link to the source"), validators=[Length(max=LONGEST_ADDRESS)])
    certainty = RadioField(
        _l("How sure is it"),
        validators=[InputRequired(_l("Choose one."))],
    )
    checked_on = NoLaterDayField(_l("Checked on"))
    same_source = BooleanField(_l("The dates that I change come from this source"))
    election_month = SelectField(_l("Decides after an election in"), validators=[Optional()])
    deficit_until = SelectField(_l("Tight until and including"), validators=[Optional()])
    note = TextAreaField(_l("Note"), validators=[Length(max=2000)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        this_year = clock.today().year
        self.decision.choices = [
            SelectChoice(choice.value, label(choice)) for choice in practices_for(self.kind)
        ]
        self.certainty.choices = [
            SelectChoice(Certainty.PUBLISHED.value, _("The body has published it")),
            SelectChoice(Certainty.CONFIRMED.value, _("Somebody there has told us")),
            SelectChoice(Certainty.REPORTED.value, _("Others say so, such as a newspaper")),
            SelectChoice(Certainty.TYPICAL.value, _("It is how bodies like this one do")),
            SelectChoice(Certainty.GUESSED.value, _("We guess")),
        ]
        self.election_month.choices = [
            SelectChoice("", _("Not known")),
            *(
                SelectChoice(str(month), month_name(month, locale()))
                for month in ELECTION_DECISION_MONTHS
            ),
        ]
        years = set(range(this_year, this_year + TIGHT_YEARS + 1))
        if self.stored_deficit is not None:
            years.add(self.stored_deficit)
        self.deficit_until.choices = [
            SelectChoice("", _("No deficit known")),
            *(SelectChoice(str(year), str(year)) for year in sorted(years)),
        ]

    @property
    def lines(self) -> list[Line]:
        """The main phases in order of the year."""
        return [
            Line(
                step,
                self[f"start_{step.key}"],
                self[f"end_{step.key}"],
                self[f"year_{step.key}"],
            )
            for step in self.steps
        ]

    @property
    def named(self) -> list[Extra]:
        """Named events."""
        return [self._extra(group, number) for group, number in self.rows if group == "own"]

    @property
    def exceptions(self) -> list[Extra]:
        """Dates for one year, and of phases that are no main ones."""
        return [self._extra(group, number) for group, number in self.rows if group == "one"]

    def _extra(self, group: str, number: int) -> Extra:
        prefix = f"{group}_{number}_"
        return Extra(
            prefix,
            self[f"{prefix}what"],
            self[f"{prefix}start"],
            self[f"{prefix}end"],
            self[f"{prefix}year"],
        )

    @property
    def chosen(self) -> DecisionPractice:
        """The template chosen, or unknown while nothing sensible is."""
        try:
            return DecisionPractice(str(self.decision.data))
        except ValueError:
            return DecisionPractice.UNKNOWN

    @property
    def usual(self) -> Mapping[str, Phase]:
        """What holds where nothing is typed: the dates above a unit, or the template's."""
        if self.inherited is not None and self.inherited.decision is self.chosen:
            return {phase.key: phase for phase in phases(self.inherited, _ORDINARY)}
        return typical(self.kind, self.chosen, _ORDINARY)

    def placeholder(self, key: str) -> tuple[str, str]:
        """The template's own start and end of a phase, as one would write them."""
        usual = self.usual.get(key)
        if usual is None:
            return ("–", "–")
        start, end = written(
            (usual.start.month, usual.start.day), (usual.end.month, usual.end.day), locale()
        )
        return start, end or start

    def validate(self, extra_validators: Any = None) -> bool:
        """The fields, and what only several fields together can tell."""
        good = bool(super().validate(extra_validators))
        for line in self.lines:
            good &= self._has_start(line.start, line.end, line.step.key)
            good &= self._runs_forwards(line.start, line.end, line.step.key)
        for extra in (*self.named, *self.exceptions):
            if extra.is_empty:
                continue
            if not extra.what.data:
                good &= _blame(extra.what, _("Say what it is."))
            if not extra.start.data:
                good &= _blame(extra.start, _("Say when it starts."))
            good &= self._runs_forwards(extra.start, extra.end, "")
        if (
            self.certainty.data == Certainty.PUBLISHED
            and not self.source_url.data
            and (self.chosen is not DecisionPractice.UNKNOWN or self._has_dates())
        ):
            good &= _blame(self.source_url, _("Paste the link to where the body has published it."))
        if not self.checked_on.data and self.certainty.data in (
            Certainty.PUBLISHED,
            Certainty.CONFIRMED,
            Certainty.REPORTED,
        ):
            good &= _blame(self.checked_on, _("Say on which day it was checked."))
        return good

    def _has_start(self, start: StretchField, end: StretchField, key: str) -> bool:
        """An end alone takes the template's start; where there is none, it must be said."""
        if end.data and not start.data and key not in self.usual:
            return _blame(start, _("Say when it starts."))
        return True

    def _runs_forwards(self, start: StretchField, end: StretchField, key: str) -> bool:
        stretch = self._both(start, end, key)
        if stretch is not None and stretch.is_backwards:
            return _blame(end if end.data else start, _("The end comes before the start."))
        return True

    def _has_dates(self) -> bool:
        return any(line.start.data or line.end.data for line in self.lines) or any(
            not extra.is_empty for extra in (*self.named, *self.exceptions)
        )

    def calendar(self) -> Calendar:
        """What the form says. Of a form not found valid: as much of it as can be read."""
        month, ground = _number(self.election_month.data), self._ground()
        return Calendar(
            decision=self.chosen,
            certainty=ground.certainty,
            source_url=ground.source_url,
            checked_on=ground.checked_on,
            rows=tuple(self._date_rows()),
            election_month=month if month in ELECTION_DECISION_MONTHS else None,
            deficit_until=_number(self.deficit_until.data),
            note=self.note.data or "",
            from_elsewhere=not self.same_source.data and ground == self.stored_ground,
        )

    def _ground(self) -> Ground:
        checked = self.checked_on.data
        return Ground(
            Certainty(self.certainty.data)
            if self.certainty.data in set(Certainty)
            else Certainty.GUESSED,
            self.source_url.data or "",
            checked if isinstance(checked, date) else self.checked_on.day,
        )

    def _date_rows(self) -> Iterator[DateRow]:
        for line in self.lines:
            if stretch := self._stretch(line.start, line.end, line.step.key):
                yield self._phase_row(line.step.key, stretch, _number(line.year.data), None)
        for extra in self.exceptions:
            if extra.what.data and (stretch := self._stretch(extra.start, extra.end, "")):
                year = _number(extra.year.data)
                yield self._phase_row(str(extra.what.data), stretch, None, year)
        for extra in self.named:
            if extra.what.data and (stretch := self._stretch(extra.start, extra.end, "")):
                yield _named_row(str(extra.what.data), stretch, str(extra.year.data or ""))

    def _phase_row(
        self, key: str, stretch: Stretch, offset: int | None, budget_year: int | None
    ) -> DateRow:
        return DateRow(
            phase_key=key,
            name="",
            start=stretch.start,
            end=stretch.end,
            year_offset=offset
            if offset is not None
            else year_offset_of(self.kind, self.chosen, key, stretch.start, budget_year),
            budget_year=budget_year,
        )

    def _stretch(self, start: StretchField, end: StretchField, key: str) -> Stretch | None:
        """What the fields say, unless it runs backwards: that is no date to reckon with."""
        stretch = self._both(start, end, key)
        return None if stretch is None or stretch.is_backwards else stretch

    def _both(self, start: StretchField, end: StretchField, key: str) -> Stretch | None:
        """Both fields together; an end alone begins where the template does."""
        if start.stretch and end.stretch:
            return Stretch(start.stretch.start, end.stretch.end)
        if end.stretch and (usual := self.usual.get(key)):
            return Stretch((usual.start.month, usual.start.day), end.stretch.end)
        return start.stretch


_ORDINARY: Final = 2029  # a budget year that no election precedes


def _named_row(name: str, stretch: Stretch, year: str) -> DateRow:
    """`year` is an offset from the budget year ("-1"), or one calendar year alone ("=2027")."""
    once = _number(year.removeprefix("=")) if year.startswith("=") else None
    return DateRow(
        phase_key="",
        name=name,
        start=stretch.start,
        end=stretch.end,
        year_offset=USUAL_OFFSET if once else _number(year),
        budget_year=once - USUAL_OFFSET if once else None,
    )


def _number(text: object) -> int | None:
    """A short whole number as a select field sends it; anything else is none."""
    words = str(text or "")
    return int(words) if re.fullmatch(r"-?[0-9]{1,4}", words) else None


def _blame(field: Any, sentence: str) -> bool:
    if not field.errors:
        field.errors = [sentence]
    return False


def form_for(
    kind: BodyKind,
    today: date,
    *,
    sent: Mapping[str, Any] | None,
    row: BudgetPractice | None = None,
    events: Iterable[BudgetEvent] = (),
    decision: DecisionPractice = DecisionPractice.UNKNOWN,
    inherited: Practice | None = None,
    add: str = "",
    remove: str = "",
    guess: Guess | None = None,
) -> CalendarForm:
    """The form for a body of this kind: as sent, or filled with what is stored.

    `decision` is what holds without a row of one's own. `add` ("own" or "one") gives one more empty
    row, `remove` ("own_3_") takes one away; both work without scripts.
    `guess` fills an empty form with what the neighbours do, marked as guessed.
    """
    steps = main_phases(kind)
    stored = list(events)
    values = {} if sent is not None else _stored_values(kind, steps, row, stored, decision, today)
    if guess is not None and sent is None:
        values |= _guessed_values(kind, steps, guess)
    names = set(sent if sent is not None else values)
    numbered = _numbers(names)
    rows = [row for row in numbered if "{}_{}_".format(*row) != remove]
    for group in ("own", "one"):
        if add == group or group not in {found for found, _number in rows}:
            # Never a number that was sent: the new row would be filled with what was taken away.
            rows.append(
                (group, max((n for found, n in numbered if found == group), default=-1) + 1)
            )
    rows = rows[: 2 * MOST_ROWS]
    made = type(
        "CalendarFormOfKind",
        (CalendarForm,),
        {
            "kind": kind,
            "steps": steps,
            "rows": tuple(sorted(rows)),
            "inherited": inherited,
            "stored_deficit": row.deficit_until if row else None,
            "stored_ground": Ground(row.certainty, row.source_url, row.checked_on) if row else None,
            **_phase_fields(steps),
            **_row_fields(kind, rows, stored, today),
        },
    )
    form: CalendarForm = made() if sent is not None else made(data=values)
    return form


def _numbers(names: Iterable[str]) -> list[tuple[str, int]]:
    """The rows that a form has, by the names of its fields."""
    return sorted({(match[1], int(match[2])) for name in names if (match := _ROW.match(name))})


def _phase_fields(steps: Iterable[MainPhase]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for step in steps:
        name = step.name_en if language() == "en" else step.name_sv
        fields[f"start_{step.key}"] = _stretch_field(_("%(phase)s, starts", phase=name))
        fields[f"end_{step.key}"] = _stretch_field(_("%(phase)s, ends", phase=name))
        fields[f"year_{step.key}"] = SelectField(
            _("%(phase)s, year", phase=name),
            choices=[SelectChoice("", _("as usual")), *_offset_choices()],
            validators=[Optional()],
        )
    return fields


def _stretch_field(text: str) -> StretchField:
    return StretchField(text, validators=[Length(max=LONGEST_TEXT)])


def _offset_choices() -> list[SelectChoice]:
    words = {
        -2: _("two years before"),
        -1: _("the year before"),
        0: _("the budget year"),
        1: _("the year after"),
    }
    return [SelectChoice(str(offset), words[offset]) for offset in OFFSETS]


def _row_fields(
    kind: BodyKind, rows: Iterable[tuple[str, int]], stored: Iterable[BudgetEvent], today: date
) -> dict[str, Any]:
    years = set(range(today.year, today.year + 5))
    for event in stored:
        if event.budget_year is not None:
            years |= {event.budget_year, event.budget_year + (event.year_offset or 0)}
    names = {key: (en if language() == "en" else sv) for key, (sv, en) in all_phases(kind).items()}
    fields: dict[str, Any] = {}
    for group, number in rows:
        prefix, told = f"{group}_{number}_", number + 1
        if group == "own":
            fields[f"{prefix}what"] = StringField(
                _("Event %(number)s", number=told), validators=[Length(max=120)]
            )
            fields[f"{prefix}year"] = SelectField(
                _("Event %(number)s, year", number=told),
                choices=[
                    *_offset_choices(),
                    *(
                        SelectChoice(f"={year}", _("only %(year)s", year=year))
                        for year in sorted(years)
                    ),
                ],
                default=str(USUAL_OFFSET),
            )
        else:
            fields[f"{prefix}what"] = SelectField(
                _("Date %(number)s, phase", number=told),
                choices=[
                    SelectChoice("", ""),
                    *(SelectChoice(key, name) for key, name in names.items()),
                ],
                validators=[Optional()],
            )
            fields[f"{prefix}year"] = SelectField(
                _("Date %(number)s, budget year", number=told),
                choices=[
                    SelectChoice("", _("every year")),
                    *(SelectChoice(str(year), str(year)) for year in sorted(years)),
                ],
                validators=[Optional()],
            )
        if group == "own":
            starts = _("Event %(number)s, starts", number=told)
            ends = _("Event %(number)s, ends", number=told)
        else:
            starts = _("Date %(number)s, starts", number=told)
            ends = _("Date %(number)s, ends", number=told)
        fields[f"{prefix}start"] = _stretch_field(starts)
        fields[f"{prefix}end"] = _stretch_field(ends)
    return fields


def _stored_values(
    kind: BodyKind,
    steps: Iterable[MainPhase],
    row: BudgetPractice | None,
    events: Iterable[BudgetEvent],
    decision: DecisionPractice,
    today: date,
) -> dict[str, Any]:
    values: dict[str, Any] = {
        "version": str(row.version if row else 0),
        "decision": (row.decision if row else decision).value,
        "certainty": (row.certainty if row else Certainty.PUBLISHED).value,
        "source_url": row.source_url if row else "",
        "checked_on": row.checked_on if row else today,
        "election_month": str(row.election_month or "") if row else "",
        "deficit_until": str(row.deficit_until or "") if row else "",
        "note": row.note if row else "",
    }
    main = {step.key for step in steps}
    own = one = 0
    for event in events:
        start, end = written(
            (event.start_month, event.start_day), (event.end_month, event.end_day), locale()
        )
        if not event.phase_key:
            prefix = f"own_{own}_"
            own += 1
            offset = USUAL_OFFSET if event.year_offset is None else event.year_offset
            year = str(offset) if event.budget_year is None else f"={event.budget_year + offset}"
            values |= {f"{prefix}what": event.name, f"{prefix}year": year}
        elif event.phase_key in main and event.budget_year is None:
            values |= {
                f"start_{event.phase_key}": start,
                f"end_{event.phase_key}": end,
                f"year_{event.phase_key}": _told_offset(kind, row, event),
            }
            continue
        else:
            prefix = f"one_{one}_"
            one += 1
            values |= {
                f"{prefix}what": event.phase_key,
                f"{prefix}year": str(event.budget_year or ""),
            }
        values |= {f"{prefix}start": start, f"{prefix}end": end}
    return values


def _guessed_values(kind: BodyKind, steps: Iterable[MainPhase], guess: Guess) -> dict[str, Any]:
    values: dict[str, Any] = {
        "decision": guess.decision.value,
        "certainty": Certainty.GUESSED.value,
        "checked_on": None,
    }
    main = {step.key for step in steps}
    for phase in guess.phases:
        if phase.key not in main:
            continue
        start, end = written(
            (phase.start.month, phase.start.day), (phase.end.month, phase.end.day), locale()
        )
        values |= {f"start_{phase.key}": start, f"end_{phase.key}": end}
    return values


def _told_offset(kind: BodyKind, row: BudgetPractice | None, event: BudgetEvent) -> str:
    """Empty where the year follows from the template by itself."""
    if event.year_offset is None:
        return ""
    decision = row.decision if row else DecisionPractice.UNKNOWN
    start = (event.start_month, event.start_day)
    usual = year_offset_of(kind, decision, event.phase_key, start)
    return "" if usual == event.year_offset else str(event.year_offset)


class CopyForm(VersionedForm):
    """Another body, whose calendar this one is given."""

    other = HiddenField(validators=[InputRequired(_l("Choose one."))])


# --- Meetings ----------------------------------------------------------------------------------

MOST_LINES: Final = 60
_YEARS_BACK, _YEARS_AHEAD = 1, 5


class MeetingsForm(Form):
    """Days on which the council meets, one on each line."""

    days = TextAreaField(
        _l("Days"), validators=[InputRequired(_l("Write at least one day.")), Length(max=3000)]
    )
    source_url = LinkField(_l("Link to the source"), validators=[Length(max=LONGEST_ADDRESS)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.held_on: list[date] = []

    def validate_days(self, field: TextAreaField) -> None:
        """Every line is a day, or it is said which is not; `held_on` has those that can be read."""
        today, wrong = clock.today(), []
        lines = [line for line in str(field.data).splitlines() if line.strip()]
        if len(lines) > MOST_LINES:
            raise ValidationError(_("At most %(number)s days at a time.", number=MOST_LINES))
        for number, line in enumerate(lines, 1):
            try:
                day = parse_day(line.strip().strip(",;."), today)
            except UnreadableDate as error:
                wrong.append(
                    _("Line %(number)s lies too far away.", number=number)
                    if error.problem is DateProblem.YEAR_OUT_OF_RANGE
                    else _("Line %(number)s is no day: “%(text)s”.", number=number, text=line[:40])
                )
                continue
            if not today.year - _YEARS_BACK <= day.year <= today.year + _YEARS_AHEAD:
                wrong.append(_("Line %(number)s lies too far away.", number=number))
                continue
            self.held_on.append(day)
        if wrong:
            raise ValidationError(" ".join(wrong))

    @property
    def ground(self) -> Ground:
        """With a link the body has published them; without one somebody there has told us."""
        link = str(self.source_url.data or "")
        return Ground(Certainty.PUBLISHED if link else Certainty.CONFIRMED, link, clock.today())


# --- A published timetable ---------------------------------------------------------------------

_LONGEST_MEETING: Final = timedelta(days=3)  # from the first day to the last: no week, no month
MOST_IMPORTED: Final = 60  # rows that are shown at a time
_IMPORTED: Final = re.compile(r"r(\d{1,2})_use|r(\d{1,2})_day")


class TimetableForm(Form):
    """A file, or what was copied from a page."""

    file = FileField(_l("File"))
    text = TextAreaField(_l("Or paste the rows here"), validators=[Length(max=20_000)])


@dataclass(frozen=True, slots=True)
class RowFields:
    """The fields of one row of a timetable."""

    number: int
    use: BooleanField
    day: DayField
    end: DayField
    name: StringField
    what: SelectField


class ImportForm(Form):
    """The rows that were found, to be ticked. Made by `import_form`."""

    numbers: tuple[int, ...]

    source_url = LinkField(_l("Link to the source"), validators=[Length(max=LONGEST_ADDRESS)])

    @property
    def rows(self) -> list[RowFields]:
        """Every row, ticked or not."""
        return [
            RowFields(
                number,
                *(self[f"r{number}_{part}"] for part in ("use", "day", "end", "name", "what")),
            )
            for number in self.numbers
        ]

    practice: Practice

    def validate(self, extra_validators: Any = None) -> bool:
        """Ticked rows have a day and a name, at least one is ticked, and no two contradict each
        other."""
        super().validate(extra_validators)
        ticked = [row for row in self.rows if row.use.data]
        for row in self.rows:
            if not row.use.data:  # what is left out may be as it likes
                for left in (row.day, row.end, row.name, row.what):
                    left.errors = []
        good = not self.errors
        if not ticked:
            self.refuse(_("Tick at least one row."))
            return False
        for row in ticked:
            if row.day.day is None:
                good &= _blame(row.day, _("Say which day."))
            elif not self._first <= row.day.day.year <= self._last:
                good &= _blame(
                    row.day,
                    _(
                        "Days from %(first)s to %(last)s can be kept. Check the year.",
                        first=self._first,
                        last=self._last,
                    ),
                )
            elif row.end.day is not None and row.end.day < row.day.day:
                good &= _blame(row.end, _("The end comes before the start."))
            elif (
                row.end.day is not None
                and row.what.data in (MEETING, DECISION)
                and row.end.day - row.day.day > _LONGEST_MEETING
            ):
                good &= _blame(row.day, _("The council meets on a day. Write which."))
            if not row.name.data:
                good &= _blame(row.name, _("Give the event a name."))
        told = {
            row.number: one
            for row in ticked
            if not (row.day.errors or row.end.errors) and (one := self.told(row))
        }
        whats = {row.number: row.what for row in ticked}
        meant = {number: understood(one, self.practice) for number, one in told.items()}
        for number, doubted in clashes(meant).items():
            good &= _blame(whats[number], said(doubted, told[number], told))
        return good

    @property
    def _first(self) -> int:
        return clock.today().year - _YEARS_BACK

    @property
    def _last(self) -> int:
        return clock.today().year + _YEARS_AHEAD

    @staticmethod
    def told(row: RowFields) -> ImportedRow | None:
        """The row as it says; None while it has no day that can be read."""
        day = row.day.day
        if day is None:
            return None
        return ImportedRow(str(row.what.data), str(row.name.data), day, row.end.day or day)

    @property
    def imported(self) -> list[ImportedRow]:
        """The ticked rows of a valid form."""
        return [one for row in self.rows if row.use.data and (one := self.told(row)) is not None]

    @property
    def ground(self) -> Ground:
        """With a link the body has published them; without one somebody there has told us."""
        link = str(self.source_url.data or "")
        return Ground(Certainty.PUBLISHED if link else Certainty.CONFIRMED, link, clock.today())


def import_form(
    practice: Practice,
    *,
    sent: Mapping[str, Any] | None = None,
    entries: Sequence[tuple[Entry, str, bool]] = (),
) -> ImportForm:
    """The form as sent, or of what a file holds: each entry, what it is taken for, and its tick."""
    kind = practice.kind
    if sent is not None:
        numbers = sorted(
            {int(match[1] or match[2]) for name in sent if (match := _IMPORTED.fullmatch(name))}
        )[:MOST_IMPORTED]
    else:
        numbers = list(range(len(entries)))
    choices = [
        SelectChoice(MEETING, _("Council meeting")),
        SelectChoice(DECISION, _("The council decides the budget")),
        *(
            SelectChoice(step.key, step.name_en if language() == "en" else step.name_sv)
            for step in main_phases(kind)
            if step.role is not PhaseRole.DECISION
        ),
        SelectChoice(EVENT, _("Event of their own")),
    ]
    fields: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for number in numbers:
        told = number + 1
        fields[f"r{number}_use"] = BooleanField(_("Take row %(number)s", number=told))
        fields[f"r{number}_day"] = DayField(_("Row %(number)s, day", number=told))
        fields[f"r{number}_end"] = LastDayField(_("Row %(number)s, last day", number=told))
        fields[f"r{number}_name"] = StringField(
            _("Row %(number)s, words", number=told), validators=[Length(max=LONGEST_NAME)]
        )
        fields[f"r{number}_what"] = SelectField(
            _("Row %(number)s, what it is", number=told), choices=choices
        )
    for number, (entry, what, ticked) in enumerate(entries):
        values |= {
            f"r{number}_use": ticked,
            f"r{number}_day": entry.start,
            f"r{number}_end": entry.end if entry.end != entry.start else None,
            f"r{number}_name": entry.text,
            f"r{number}_what": what,
        }
    own = {"numbers": tuple(numbers), "practice": practice}
    made = type("ImportFormOfRows", (ImportForm,), own | fields)
    form: ImportForm = made() if sent is not None else made(formdata=None, data=values)
    return form


# --- Pauses ------------------------------------------------------------------------------------


class PauseForm(OnceForm):
    """A purchasing freeze, or a quiet period of the account's own."""

    kind = RadioField(_l("What kind"), validators=[InputRequired(_l("Choose one."))])
    starts_on = DayField(_l("From"), validators=[InputRequired(_l("Say from which day."))])
    ends_on = LastDayField(_l("Through"))
    note = StringField(_l("Why, and who said so"), validators=[Length(max=500)])
    source_url = LinkField(_l("Link to the source"), validators=[Length(max=LONGEST_ADDRESS)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [SelectChoice(kind.value, label(kind)) for kind in PauseKind]


class AdviceForm(VersionedForm):
    """What fits to do in a phase: one line, in both languages."""

    text_sv = StringField(_l("In Swedish"), [InputRequired(_l("Write the line.")), Length(max=200)])
    text_en = StringField(_l("In English"), [InputRequired(_l("Write the line.")), Length(max=200)])
