"""Why a reminder stands where it does, in words (R15): the event, the day, the source, how sure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from crm.rules.budget_cycle import PhaseRole
from crm.rules.cadence import EVERY_WORDS, PURPOSE_DO
from crm.rules.certainty import Certainty
from crm.rules.own_events import OwnEvent
from crm.rules.quiet import Quiet
from crm.rules.reminder_facts import LAID_BACK, Planned, ReminderKind, door_ready
from crm.rules.reminder_rules import DEFAULT_RULES, Anchor, Rule
from crm.rules.signing import SigningSign
from crm.rules.stages import LightPurpose


@dataclass(frozen=True, slots=True)
class Why:
    """A reminder in words: what, how, why now, and on what ground."""

    title: str
    instruction: str
    parts: tuple[str, ...]  # sentences, the event first
    certainty: Certainty
    certainty_text: str
    source: str
    law: str
    rules: tuple[tuple[str, str], ...]  # (key, heading) of every rule that had a say

    @property
    def text(self) -> str:
        """The sentences as one paragraph."""
        return " ".join(self.parts)


CERTAINTY_TEXT: Final[dict[Certainty, tuple[str, str]]] = {
    Certainty.LAW: ("enligt lag", "set by law"),
    Certainty.PUBLISHED: ("publicerat av organisationen", "published by the body"),
    Certainty.CONFIRMED: ("bekräftat till oss", "confirmed to us"),
    Certainty.REPORTED: ("enligt andra", "told by others"),
    Certainty.TYPICAL: ("typiskt för sådana organisationer", "typical of such bodies"),
    Certainty.GUESSED: ("gissat", "guessed"),
}

_MONTH_NAMES: Final = {
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "en": "January February March April May June July August September October November December",
}
_MONTH_LISTS: Final = {language: names.split() for language, names in _MONTH_NAMES.items()}

_WAKE_TEXT: Final[dict[str, tuple[str, str]]] = {
    "council_decided": ("budgeten är beslutad", "the budget has been decided"),
    "door_opens": ("nämnderna börjar lämna in underlag", "the nämnder begin to hand in"),
    "council_met": ("fullmäktige har sammanträtt", "the council has met"),
    "internal_budget": ("arbetet med internbudgeten börjar", "the internal budget work begins"),
    "budget_year_starts": ("budgetåret börjar", "the budget year begins"),
    "term_starts": ("terminen har kommit i gång", "the term is under way"),
    "new_council": ("nyvalda fullmäktige tillträder", "the new council takes office"),
    "new_committees": ("de nya nämnderna är på plats", "the new nämnder are in place"),
}


def explain(planned: Planned, language: str, rules: Sequence[Rule] = DEFAULT_RULES) -> Why:
    """Why this reminder stands where it does, in Swedish ("sv") or English ("en")."""
    language = "en" if language == "en" else "sv"
    by_key = {rule.key: rule for rule in rules}
    rule = by_key.get(planned.rule_key)
    title, instruction = _words(planned, rule, language)
    shaped = [(key, by_key[key].heading(language)) for key in planned.shaped_by if key in by_key]
    if "own" in planned.params:
        name = f"{planned.rule_key}: {planned.params['own']['title']}"
        shaped.insert(0, (planned.rule_key, name))
    parts = [
        *_event_parts(planned, language),
        *_day_parts(planned, rule, language),
        *_note_parts(planned, language),
    ]
    sv, en = CERTAINTY_TEXT[planned.certainty]
    return Why(
        title=title,
        instruction=instruction,
        parts=tuple(parts),
        certainty=planned.certainty,
        certainty_text=en if language == "en" else sv,
        source=planned.source,
        law=planned.law,
        rules=tuple(dict.fromkeys(shaped)),
    )


def asks_again(put_off_on: date, language: str) -> str:
    """Why the reminder of a wait comes back: no case waits without one (decision 5)."""
    day = format_day(put_off_on, language)
    return (
        f"It was put off on {day}, and asks again since the case still waits."
        if language == "en"
        else f"Den sköts upp den {day} och frågar igen, eftersom ärendet fortfarande väntar."
    )


def format_day(day: date, language: str) -> str:
    """30 april 2027; 30 April 2027."""
    return f"{day.day} {_MONTH_LISTS[language][day.month - 1]} {day.year}"


def format_span(start: date, end: date, language: str) -> str:
    """A whole month by its name, else its first and last day with nothing said twice."""
    names = _MONTH_LISTS[language]
    if start == end:
        return format_day(start, language)
    if start.day == 1 and (end + timedelta(days=1)).day == 1 and start.year == end.year:
        if start.month == end.month:
            return f"{names[start.month - 1]} {start.year}"
        return f"{names[start.month - 1]}–{names[end.month - 1]} {start.year}"
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{format_day(end, language)}"
    if start.year == end.year:
        return f"{start.day} {names[start.month - 1]} – {format_day(end, language)}"
    return f"{format_day(start, language)} – {format_day(end, language)}"


_NAMED: Final = 4
_DAYS_OFF: Final = frozenset({"weekend", "holiday", "squeeze", "eve"})


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def _words(planned: Planned, rule: Rule | None, language: str) -> tuple[str, str]:
    english = language == "en"
    params = planned.params
    if "own" in params:
        own = params["own"]
        first = "Check the timetable first: " if english else "Stäm av tidplanen först: "
        return (first if _asks_first(planned) else "") + str(own["title"]), str(own["do"])
    if rule is None:
        return planned.rule_key, ""
    who = str(
        params.get("champion")
        or params.get("contact")
        or ("your contact" if english else "din kontakt")
    )
    values = _Blank(
        body=str(params.get("body", "")),
        unit=str(params.get("unit", "")),
        who=who,
        year=str(planned.budget_year or ""),
        left=str(params.get("left", "")),
        only=str(params.get("only", "")),
        person=str(params.get("person", "")),
        occasion=str(params.get("occasion_en" if english else "occasion_sv", "")),
        request=str(params.get("request", "")),
        evaluates=str(params.get("evaluates", "")),
        procurement=str(params.get("procurement", "")),
        purpose=str(params.get("purpose_en" if english else "purpose_sv", "")),
        tender=str(params.get("tender", "")),
        next_step=str(params.get("next_step") or ("Next step" if english else "Nästa steg")),
    )
    if names := params.get("unheard"):
        return _unheard_words(len(names), english)
    title = rule.title_en if english else rule.title_sv
    instruction = rule.do_en if english else rule.do_sv
    if purpose := params.get("purpose"):
        instruction = PURPOSE_DO[LightPurpose(purpose)][english]
    if params.get("guessed"):
        title = (rule.guess_title_en if english else rule.guess_title_sv) or title
        instruction = (rule.guess_do_en if english else rule.guess_do_sv) or instruction
    return title.format_map(values), instruction.format_map(values)


_UNHEARD_DO_SV: Final = (
    "Fundera på vem av dem som är närmast, och om något har ändrats: nya uppgifter, en ny chef"
    " eller ett annat behov. Hör av dig när det passar köparen, eller låt ärendet vänta."
)
_UNHEARD_DO_EN: Final = (
    "Think about which of them is nearest, and whether something has changed: a new task, a new"
    " manager, another need. Get in touch when it suits the buyer, or let the case wait."
)


def _unheard_words(number: int, english: bool) -> tuple[str, str]:
    """C7, where several are known in the case."""
    if english:
        return f"No contact with any of the {number} known in the case", _UNHEARD_DO_EN
    return f"Ingen kontakt med någon av de {number} som är kända i ärendet", _UNHEARD_DO_SV


def _unheard_part(names: Sequence[str], since: str, english: bool) -> str:
    *others, last = names
    listed = f"{', '.join(others)} {'and' if english else 'och'} {last}" if others else last
    return (
        f"There has been no contact since {since} with {listed}."
        if english
        else f"Sedan den {since} har det inte varit någon kontakt med {listed}."
    )


def _asks_first(planned: Planned) -> bool:
    """A guessed date gives a question about it, also by a rule of one's own (R1)."""
    return bool(planned.params.get("guessed")) and planned.kind is ReminderKind.CONTACT


def _event_parts(planned: Planned, language: str) -> Iterator[str]:
    english = language == "en"
    params = planned.params
    body = str(params.get("body", ""))
    start, end = planned.event_start, planned.event_end
    if planned.event_key == "legal_limit" and end is not None:
        yield (
            f"We do not know the budget timetable of {body}. The law only says that the budget for"
            f" {planned.budget_year} must be adopted by {format_day(end, language)} at the latest."
            if english
            else f"Vi känner inte till budgettidplanen i {body}. Lagen säger bara att budgeten för"
            f" {planned.budget_year} ska vara beslutad senast {format_day(end, language)}."
        )
    elif planned.rule_key == "R1":
        yield (
            f"We do not know the budget timetable of {body}."
            if english
            else f"Vi känner inte till budgettidplanen i {body}."
        )
    elif planned.event_key == "contract_end" and end is not None:
        name = f" “{params['contract']}”" if params.get("contract") else ""
        yield (
            f"The contract{name} ends on {format_day(end, language)}."
            if english
            else f"Avtalet{name.replace('“', '”')} går ut den {format_day(end, language)}."
        )
    elif planned.event_key == "contract_notice" and start is not None:
        name = f" “{params['contract']}”" if params.get("contract") else ""
        yield (
            f"The last working day for notice of the contract{name} is"
            f" {format_day(start, language)}."
            if english
            else f"Sista arbetsdagen att säga till om avtalet{name.replace('“', '”')} är den"
            f" {format_day(start, language)}."
        )
    elif planned.event_key == LAID_BACK and start is not None and end is not None:
        name = params["phase_en"] if english else params["phase_sv"]
        in_use = format_day(date.fromisoformat(str(params["in_use_on"])), language)
        span = format_span(start, end, language)
        yield (
            f"To be in use on {in_use}: {name}, {span}."
            if english
            else f"För att vara i bruk den {in_use}: {name}, {span}."
        )
    elif planned.event_key == "internal_occasion" and start is not None:
        occasion = params["occasion_en" if english else "occasion_sv"]
        yield (
            f"{params['person']} takes it up at {occasion} on {format_day(start, language)}."
            if english
            else f"{params['person']} tar upp det på {occasion} den {format_day(start, language)}."
        )
    elif planned.event_key == "case_opened" and start is not None:
        yield (
            f"The case was opened on {format_day(start, language)}."
            if english
            else f"Ärendet öppnades den {format_day(start, language)}."
        )
    elif planned.event_key == OwnEvent.COUNCIL_MEETING and start is not None:
        yield (
            f"The council of {body} meets on {format_day(start, language)}."
            if english
            else f"{body}: fullmäktige sammanträder den {format_day(start, language)}."
        )
    elif planned.event_key == "in_use" and start is not None:
        yield (
            f"To be in use on {format_day(start, language)}."
            if english
            else f"I bruk från och med den {format_day(start, language)}."
        )
    elif planned.event_key == "next_step" and start is not None:
        yield (
            f"You have promised this by {format_day(start, language)}."
            if english
            else f"Du har lovat det här till den {format_day(start, language)}."
        )
    elif "tender" in params and start is not None:
        yield from _tender_parts(planned, start, language)
    elif planned.event_key == Anchor.REQUEST_FOLLOW_UP.value and start is not None:
        yield (
            f"You have chosen to follow up on {format_day(start, language)}."
            if english
            else f"Ni har valt att följa upp den {format_day(start, language)}."
        )
    elif planned.event_key == Anchor.PILOT_END.value and start is not None:
        yield (
            f"The pilot was agreed until {format_day(start, language)}."
            if english
            else f"Piloten är avtalad till den {format_day(start, language)}."
        )
    elif planned.event_key == Anchor.REQUEST_APPEAL.value and start is not None:
        yield (
            f"Three weeks from the day you were told of the refusal: {format_day(start, language)}."
            " The number of weeks is from general knowledge; the decision says what holds."
            if english
            else f"Tre veckor från dagen då ni fick del av avslaget: {format_day(start, language)}."
            " Antalet veckor är allmän kunskap och inte kontrollerat; det som står i beslutet"
            " gäller."
        )
    elif planned.event_key == Anchor.UNSIGNED.value and start is not None:
        sv, en = _SIGNING_SIGNS[SigningSign(params["sign"])]
        yield (en if english else sv).format(day=format_day(start, language))
    elif planned.event_key == "freeze" and start is not None:
        yield _freeze_part(body, start, end, english, language)
    elif planned.event_key == Anchor.CHAMPION_LEFT.value and start is not None:
        since = format_day(start, language)
        yield (
            f"{params['left']} left the role of champion on {since}, and nobody has taken over."
            if english
            else f"{params['left']} lämnade rollen som ambassadör den {since}, och ingen har tagit"
            " vid."
        )
    elif planned.event_key == Anchor.SINGLE_CONTACT.value and start is not None:
        since = format_day(start, language)
        yield (
            _unheard_part(params["unheard"], since, english)
            if "unheard" in params
            else f"Since {since} {params['only']} is the only one known in the case."
            if english
            else f"Sedan den {since} är {params['only']} den enda som är känd i ärendet."
        )
    elif planned.event_key == "light":
        since = format_day(date.fromisoformat(str(params["since"])), language)
        rhythm = EVERY_WORDS[int(params["every"])][english]
        yield (
            f"The case has waited since {since}, with a light contact {rhythm} at most. They stop"
            " by themselves when the wait ends."
            if english
            else f"Ärendet väntar sedan den {since}, med en lätt kontakt {rhythm} som mest. De"
            " slutar av sig själva när väntan är över."
        )
    elif planned.rule_key == "WAKE":
        yield _wake_part(planned, english, language)
    elif start is not None and end is not None:
        yield from _phase_parts(planned, body, start, end, language)


_SIGNING_SIGNS: Final = {
    SigningSign.LAWFUL: (
        "Avtalet fick tecknas från och med den {day}, och ingen har antecknat att det är gjort.",
        "The contract could be signed from {day}, and nobody has noted that it is.",
    ),
    SigningSign.VALID: (
        "Anbuden gällde till och med den {day}, och ingen har antecknat hur det gick.",
        "The tenders were valid until {day}, and nobody has noted what came of it.",
    ),
    SigningSign.PLANNED: (
        "Enligt planen tecknas avtalet omkring den {day}; ingen har antecknat att det är gjort.",
        "By the plan the contract is signed around {day}, and nobody has noted that it is.",
    ),
    SigningSign.REVIEW: (
        "Upphandlingen har prövats i domstol sedan den {day}, längre än det brukar ta.",
        "A court has had the procurement since {day}, longer than it usually takes.",
    ),
}
_FALLS_DUE: Final[dict[str, tuple[str, str]]] = {
    "tender_questions": ("Sista dag för frågor", "The last day for questions"),
    "tender_apply": ("Sista dag att ansöka", "The last day to apply"),
    "tender_apply_last": ("Sista dag att ansöka", "The last day to apply"),
    "tender_due": ("Sista dag för anbud", "The last day for tenders"),
    "tender_last": ("Sista dag för anbud", "The last day for tenders"),
    "tender_valid": ("Anbudet gäller till och med", "The tender is valid until"),
}


def _tender_parts(planned: Planned, on: date, language: str) -> Iterator[str]:
    """D10: which day it is, by whom it is said, and how long before it is brought up."""
    english, params = language == "en", planned.params
    day = format_day(on, language)
    if params["at"]:
        day += f" at {params['at']}" if english else f" kl. {params['at']}"
    reference = f" ({params['reference']})" if params["reference"] else ""
    what = _FALLS_DUE[planned.event_key][english]
    if answers := params.get("answers_by"):
        answered = format_day(date.fromisoformat(answers), language)
        yield (
            f"No last day for questions is stated{reference}. By the example of the preparatory"
            f" works, whoever has asked by {day} has asked in good time; the answers are due by"
            f" {answered}."
            if english
            else f"Ingen sista dag för frågor är angiven{reference}. Den som har frågat senast"
            f" {day} har frågat i god tid enligt förarbetenas exempel; svaren ska komma senast"
            f" {answered}."
        )
    else:
        yield f"{what}{reference}: {day}."
    count = int(params["days"])
    unit_sv, unit_en = (
        ("arbetsdag", "working day") if count == 1 else ("arbetsdagar", "working days")
    )
    yield (
        f"Brought up {count} {unit_en} before." if english else f"Tas upp {count} {unit_sv} före."
    )


def _freeze_part(body: str, start: date, end: date | None, english: bool, language: str) -> str:
    since = format_day(start, language)
    if end is None:
        return (
            f"{body} has had a purchasing freeze since {since}, with no known end."
            if english
            else f"{body} har inköpsstopp sedan den {since}, utan känt slut."
        )
    until = format_day(end, language)
    return (
        f"{body} has a purchasing freeze from {since} to {until}."
        if english
        else f"{body} har inköpsstopp från den {since} till den {until}."
    )


def _wake_part(planned: Planned, english: bool, language: str) -> str:
    since = date.fromisoformat(str(planned.params["since"]))
    event = _WAKE_TEXT.get(planned.event_key)
    wanted = format_day(planned.wanted_on, language)
    if event is None:
        return (
            f"The case has waited since {format_day(since, language)}, until {wanted}."
            if english
            else f"Ärendet har väntat sedan den {format_day(since, language)}, till den {wanted}."
        )
    return (
        f"The case has waited since {format_day(since, language)} for this: {event[1]} ({wanted})."
        if english
        else f"Ärendet har väntat sedan den {format_day(since, language)} på att {event[0]}"
        f" ({wanted})."
    )


def _phase_parts(
    planned: Planned, body: str, start: date, end: date, language: str
) -> Iterator[str]:
    english = language == "en"
    params = planned.params
    council = params.get("body_kind") in ("municipality", "region")
    if params.get("role") == PhaseRole.DOOR and council:
        yield (
            f"The nämnder of {body} hand in for the budget of {planned.budget_year} by"
            f" {format_day(end, language)}."
            if english
            else f"Nämnderna i {body} lämnar in underlag till budget {planned.budget_year} senast"
            f" {format_day(end, language)}."
        )
    else:
        name = params["phase_en"] if english else params["phase_sv"]
        yield f"{body}: {name}, {format_span(start, end, language)}."
    if "decision_start" in params:
        name = params["decision_en"] if english else params["decision_sv"]
        span = format_span(
            date.fromisoformat(params["decision_start"]),
            date.fromisoformat(params["decision_end"]),
            language,
        )
        yield f"{name}: {span}."


def _rule_part(planned: Planned, rule: Rule | None, language: str) -> str:
    """How far ahead the rule speaks, and of what; "" for one that does not speak ahead."""
    english = language == "en"
    if own := planned.params.get("own"):
        wanted = format_day(planned.wanted_on, language)
        return (
            f"Our own rule says {own['when_en']}: {wanted}."
            if english
            else f"Vår egen regel säger {own['when_sv']}: {wanted}."
        )
    offset = planned.params.get("offset_en" if english else "offset_sv")
    start, end = planned.event_start, planned.event_end
    if not offset:
        return ""
    wanted = format_day(planned.wanted_on, language)
    anchor = rule.anchor if rule is not None else None
    if anchor is Anchor.DOOR_READY and start is not None and end is not None:
        ready = door_ready(start, end)
        day = format_day(ready, language)
        if english:
            needed = f"when the window opens on {day}" if ready == start else f"on {day}"
            return f"The basis must be ready {needed}; the rule says {offset} that: {wanted}."
        needed = f"när fönstret öppnar den {day}" if ready == start else f"den {day}"
        return f"Underlaget behöver vara klart {needed}; regeln säger {offset}: {wanted}."
    if anchor is Anchor.DOOR_END and end is not None:
        last = format_day(end, language)
        return (
            f"The rule says {offset} the last day, {last}: {wanted}."
            if english
            else f"Regeln säger {offset} sista dagen, den {last}: {wanted}."
        )
    if anchor is Anchor.CONTRACT_END:
        return (
            f"The rule says {offset} that: {wanted}."
            if english
            else f"Regeln säger {offset} det: {wanted}."
        )
    return f"The rule says {offset}: {wanted}." if english else f"Regeln säger {offset}: {wanted}."


def passed_names(passed: Iterable[Quiet], language: str) -> str:
    """What a move passed, by name and in its order, each named where it came last.

    Where there is more than a line can hold, days off are told as one: no period is left out.
    """
    english = language == "en"
    found = list(passed)
    if len({period.name_sv for period in found}) > _NAMED:
        off = "weekends and days off" if english else "helger och lediga dagar"
    else:
        off = ""
    names: dict[str, None] = {}
    for period in found:
        name = period.name_en if english else period.name_sv
        name = off if off and period.key in _DAYS_OFF else name
        names.pop(name, None)
        names[name] = None
    return ", ".join(names)


def _day_parts(planned: Planned, rule: Rule | None, language: str) -> Iterator[str]:
    english = language == "en"
    wanted, due = format_day(planned.wanted_on, language), format_day(planned.due_on, language)
    if said := _rule_part(planned, rule, language):
        yield said
    reasons = [period for period in planned.moved if period.start <= period.end]
    names = passed_names(reasons, language)
    if names and planned.late and planned.due_on != planned.wanted_on:
        yield (
            f"Its day was {wanted}, and it is still of use. Moved to {due}: {names}."
            if english
            else f"Dagen var {wanted}, och det går fortfarande bra. Flyttad till {due}: {names}."
        )
    elif names and planned.due_on != planned.wanted_on:
        yield (
            f"Moved from {wanted} to {due}: {names}."
            if english
            else f"Flyttad från {wanted} till {due}: {names}."
        )
    elif planned.late and planned.due_on != planned.wanted_on:
        yield (
            f"Its day was {wanted}, and it is still of use."
            if english
            else f"Dagen var {wanted}, och det går fortfarande bra."
        )


def _together_part(one: Mapping[str, Any], language: str) -> str:
    """What is taken up at the same time: in which case, which year's, and when it was due."""
    english = language == "en"
    rule = next((rule for rule in DEFAULT_RULES if rule.key == one["rule"]), None)
    if one["own"] or rule is None:
        name = str(one["own"])
    else:
        name = (rule.name_en if english else rule.name_sv).lower()
    day = format_day(date.fromisoformat(one["was"]), language)
    if "held" in one:
        held = format_day(date.fromisoformat(one["held"]), language)
        name = (
            f"help {one['person']} to prepare {one['occasion_en']}, {held}"
            if english
            else f"hjälp {one['person']} att förbereda {one['occasion_sv']}, {held}"
        )
    if one["year"]:
        budget = f"the budget of {one['year']}" if english else f"budgeten för {one['year']}"
        when = f"{budget}, was due {day}" if english else f"{budget}, skulle ha kommit {day}"
    else:
        when = f"was due {day}" if english else f"skulle ha kommit {day}"
    where = ""
    if one["title"]:
        where = f", for “{one['title']}”" if english else f", för ”{one['title']}”"
    return (
        f"Take this up at the same time{where}: {name} ({when})."
        if english
        else f"Ta upp det här samtidigt{where}: {name} ({when})."
    )


def _let_go_part(let_go: Sequence[Sequence[str]], language: str) -> str:
    """Which light contacts were let go, and for what: each a day and names in both languages."""
    english = language == "en"
    *days, last = (format_day(date.fromisoformat(one[0]), language) for one in let_go)
    names: dict[str, None] = {}
    for one in let_go:
        for name in one[2 if english else 1].split(", "):
            names.pop(name, None)
            names[name] = None
    why = ", ".join(names)
    if not days:
        return (
            f"The light contact of {last} is left out: {why}."
            if english
            else f"Den lätta kontakten den {last} uteblir: {why}."
        )
    before = ", ".join(days)
    return (
        f"The light contacts of {before} and {last} are left out: {why}."
        if english
        else f"De lätta kontakterna den {before} och den {last} uteblir: {why}."
    )


def _note_parts(planned: Planned, language: str) -> Iterator[str]:
    english = language == "en"
    shaped = planned.shaped_by
    if "R5" in shaped and planned.kind is not ReminderKind.TASK:
        yield (
            (
                "After the election the newly elected council adopts the budget; leave new"
                " politicians in peace until March."
                if english
                else "Efter valet är det nyvalda fullmäktige som beslutar budgeten; låt nya"
                " politiker vara i fred till mars."
            )
            if planned.params.get("body_kind") in ("municipality", "region", "other")
            else (
                "In an election year the budget bill may come as late as 15 November."
                if english
                else "Valår kan budgetpropositionen komma så sent som den 15 november."
            )
        )
    if "R8" in shaped:
        year = planned.params.get("deficit_until")
        yield (
            f"Money is tight: a deficit is to be made good by {year}. Have the smallest option"
            " ready."
            if english
            else f"Det är ont om pengar: ett underskott ska återställas till {year}. Ha det minsta"
            " alternativet redo."
        )
    if "R17" in shaped and planned.kind is ReminderKind.CONTACT:
        yield (
            "Point to the ramavtal first: the state uses its framework agreements where it can."
            if english
            else "Visa på ramavtalet först: staten använder sina ramavtal där det går."
        )
    for one in planned.params.get("together", ()):
        yield _together_part(one, language)
    if let_go := planned.params.get("let_go"):
        yield _let_go_part(let_go, language)
    if "touched" in planned.params:
        on, by, _about = planned.params["touched"]
        day = format_day(date.fromisoformat(on), language)
        yield (
            f"{by or 'Somebody here'} was in touch on {day}, and there is no later day of use. Take"
            " this up only if it was not spoken of then."
            if english
            else f"{by or 'Någon hos oss'} hade kontakt den {day}, och ingen senare dag är till"
            " nytta. Ta upp det här bara om ni inte talade om det då."
        )
    if planned.params.get("guessed"):
        yield (
            "The date is a guess. Ask before you act on it."
            if english
            else "Datumet är en gissning. Fråga innan du agerar på det."
        )
