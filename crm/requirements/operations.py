"""What can be done to needs, requirements, answers and comparisons. One verb each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from textwrap import shorten

import sqlalchemy as sa
from flask_babel import gettext as _

from crm.accounts.models import User
from crm.audit import removals
from crm.audit.models import Removal
from crm.cases.models import Case
from crm.core.db import db, refusing_doubles
from crm.core.errors import RuleBroken
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.procurements.models import Procurement
from crm.requirements import queries
from crm.requirements.models import (
    Answer,
    Comparison,
    ComparisonLine,
    Need,
    Requirement,
    RequirementSetting,
    Wording,
)
from crm.rules.comparison import MOST_LINES, Clash, Line, Ours, Verdict, compare, weigh
from crm.rules.functions import Function
from crm.rules.likeness import like_key
from crm.rules.requirements import (
    AnswerState,
    Area,
    Held,
    InUse,
    NeedKind,
    NeedSource,
    RequirementKind,
    RequirementStatus,
    RestsOn,
    Threshold,
)
from crm.rules.words import swedish_sort_key
from crm.search import operations as search

TITLE_LENGTH = 200  # of an answer in the search

# --- Needs --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """What a need tells beside its words: see `Need`. A plain need, expected, unless it says so."""

    kind: NeedKind = NeedKind.NEED
    in_use: InUse | None = None
    tool: str = ""
    threshold: Threshold | None = None
    held: Held | None = None
    rests_on: RestsOn = RestsOn.EXPECTED
    used_weeks: int | None = None
    users: int | None = None


PLAIN = Told()


def capture_need(
    words: str,
    person: Person | None,
    organisation: Organisation,
    day: date,
    *,
    by: User,
    today: date,
    now: datetime,
    source: NeedSource = NeedSource.NOTE,
    function: Function | None = None,
    area: Area = Area.FUNCTION,
    told: Told = PLAIN,
    case: Case | None = None,
    activity_id: int | None = None,
    inquiry_id: int | None = None,
) -> Need:
    """Keep what somebody said, in the words it was said in (F1).

    `organisation` is the unit it was said at, `day` when. `function` is the support function whose
    remark it is, where it is one's (F8). Raises RuleBroken without words, for a day to come, and
    where what is told does not go together.
    """
    need = Need(
        source=source,
        function=function,
        case_id=case.id if case is not None else None,
        activity_id=activity_id,
        inquiry_id=inquiry_id,
        created_at=now,
        created_by_id=by.id,
    )
    _write_need(need, words, person, organisation, day, area, told, today)
    db.session.add(need)
    db.session.flush()
    return need


def edit_need(
    need: Need,
    *,
    words: str,
    person: Person | None,
    organisation: Organisation,
    day: date,
    area: Area,
    told: Told,
    today: date,
) -> None:
    """Put right what was captured. Raises RuleBroken as `capture_need`."""
    _write_need(need, words, person, organisation, day, area, told, today)


def _write_need(
    need: Need,
    words: str,
    person: Person | None,
    organisation: Organisation,
    day: date,
    area: Area,
    told: Told,
    today: date,
) -> None:
    if not words.strip():
        raise RuleBroken(_("Write what was said."))
    if day > today:
        raise RuleBroken(_("Choose today or an earlier day."))
    if told.kind is NeedKind.IN_USE and (told.in_use is None or not told.tool):
        raise RuleBroken(_("Say what they use today, and how it came to be used."))
    if told.kind is NeedKind.THRESHOLD and (told.threshold is None or told.held is None):
        raise RuleBroken(
            _("Say what stood in the way, and whether it stopped or slowed the start.")
        )
    is_use, is_threshold = told.kind is NeedKind.IN_USE, told.kind is NeedKind.THRESHOLD
    is_tried = told.rests_on is RestsOn.USE
    need.words, need.like_key = words.strip(), like_key(words)
    need.kind, need.area = told.kind, area
    need.in_use, need.tool = (told.in_use, told.tool) if is_use else (None, "")
    need.threshold, need.held = (told.threshold, told.held) if is_threshold else (None, None)
    need.rests_on = told.rests_on
    need.used_weeks = told.used_weeks if is_tried else None
    need.users = told.users if is_tried else None
    need.said_on = day
    need.organisation_id = organisation.id
    need.body_id = organisation.body_id or organisation.id
    need.person_id = person.id if person is not None else None


def remove_need(need: Need, *, by: User, now: datetime) -> Removal:
    """It was no need after all. What was worded after it no longer says so."""
    return removals.remove(_short(need.words), [need], by_id=by.id, now=now)


def put_need_back(removal: Removal) -> Need:
    """It was one."""
    return queries.get_need(removals.put_back(removal))


def _short(text: str) -> str:
    return shorten(text, TITLE_LENGTH, placeholder=" …")


def group(need: Need, requirement: Requirement | None) -> None:
    """Put a need with a requirement, or with none."""
    need.requirement_id = requirement.id if requirement is not None else None


# --- Requirements -------------------------------------------------------------------------------


def begin_requirement(
    text: str,
    *,
    kind: RequirementKind,
    area: Area,
    needs: Sequence[Need] = (),
    status: RequirementStatus = RequirementStatus.WISH,
    by: User,
    now: datetime,
) -> Requirement:
    """A requirement in our wording, from these needs; the first is told as where it comes from."""
    requirement = Requirement(
        text=text, like_key=like_key(text), kind=kind, area=area, status=status, created_at=now
    )
    db.session.add(requirement)
    db.session.flush()
    for need in needs:
        need.requirement_id = requirement.id
    _keep_wording(requirement, "", needs[0] if needs else None, by, now)
    _index(requirement)
    return requirement


def _index(requirement: Requirement) -> None:
    """Let the search at the top find it, by any of its words."""
    search.put(
        search.Doc(
            kind="requirement",
            ref_id=requirement.id,
            title=_short(requirement.text),
            own=requirement.text,
        )
    )


def edit_requirement(
    requirement: Requirement,
    *,
    text: str,
    kind: RequirementKind,
    area: Area,
    status: RequirementStatus,
    answer: Answer | None,
    why: str,
    need: Need | None,
    by: User,
    now: datetime,
) -> None:
    """Change it. Another wording is kept beside the earlier ones: who, when, why, from which need.

    Raises RuleBroken for a need that belongs to another requirement.
    """
    if need is not None and need.requirement_id != requirement.id:
        raise RuleBroken(_("That need belongs to another requirement."))
    changed = text != requirement.text
    requirement.text, requirement.like_key = text, like_key(text)
    requirement.kind, requirement.area, requirement.status = kind, area, status
    requirement.answer_id = answer.id if answer is not None else None
    if changed:
        _keep_wording(requirement, why, need, by, now)
        _index(requirement)


def _keep_wording(
    requirement: Requirement, why: str, need: Need | None, by: User, now: datetime
) -> None:
    db.session.add(
        Wording(
            requirement_id=requirement.id,
            text=requirement.text,
            why=why,
            need_id=need.id if need is not None else None,
            at=now,
            by_id=by.id,
        )
    )


def remove_requirement(requirement: Requirement, *, by: User, now: datetime) -> Removal:
    """We no longer have it. Its needs stay, with no requirement; what published lists were found to
    be beside it stays too."""
    held = queries.held_by(requirement.id)
    removal = removals.remove(
        _short(requirement.text),
        [requirement, *held.wordings],
        by_id=by.id,
        now=now,
        letting_go=[(row, "requirement_id") for row in (*held.needs, *held.lines)],
    )
    search.drop("requirement", removal.rows[0][1]["id"])
    return removal


def join(requirement: Requirement, into: Requirement, *, by: User, now: datetime) -> Removal:
    """Two say the same: the needs, and what published lists were found to be, go over to the one
    that stays. It keeps its wording, whose history says with what it was joined, and has the
    other's answer where it has none.

    Raises RuleBroken for one and the same.
    """
    if requirement.id == into.id:
        raise RuleBroken(_("Choose another requirement."))
    held = queries.held_by(requirement.id)
    why = shorten(_("Joined with: %(text)s", text=requirement.text), 300, placeholder=" …")
    _keep_wording(into, why, None, by, now)
    if into.answer_id is None:
        into.answer_id = requirement.answer_id
    removal = removals.remove(
        _short(requirement.text),
        [requirement, *held.wordings],
        by_id=by.id,
        now=now,
        moving=[(row, "requirement_id", into.id) for row in (*held.needs, *held.lines)],
    )
    search.drop("requirement", removal.rows[0][1]["id"])
    return removal


def put_requirement_back(removal: Removal) -> Requirement:
    """It is one of its own again, with its needs but for those that have been moved on since."""
    requirement = queries.get(removals.put_back(removal))
    _index(requirement)
    return requirement


# --- Answers ------------------------------------------------------------------------------------


def write_answer(
    answer: Answer | None,
    *,
    title: str,
    text: str,
    area: Area,
    state: AnswerState,
    planned_on: date | None,
    evidence: str,
    owner: User | None,
    today: date,
) -> Answer:
    """A new answer, or another text for one there is; today is the day it was checked (F4).

    Raises RuleBroken for a plan without a day or with one that has passed, and a title that is
    taken.
    """
    planned = state is AnswerState.PLANNED
    if planned and planned_on is None:
        raise RuleBroken(_("Say by when it is planned."))
    if planned and planned_on is not None and planned_on < today:
        raise RuleBroken(_("The day it is planned for has passed."))
    answer = answer or Answer()
    answer.title_sort = swedish_sort_key(title)
    answer.title, answer.text, answer.area, answer.state = title, text, area, state
    answer.planned_on = planned_on if planned else None
    answer.evidence = evidence
    answer.owner_id = owner.id if owner is not None else None
    answer.checked_on = today
    with refusing_doubles(_("There is an answer with that title."), "uq_answer_title"):
        db.session.add(answer)
    return answer


def check_answer(answer: Answer, *, today: date) -> None:
    """Somebody has seen to it that it holds."""
    answer.checked_on = today


def remove_answer(answer: Answer, *, by: User, now: datetime) -> Removal:
    """We no longer answer that. The requirements that had it have none."""
    return removals.remove(
        answer.title,
        [answer],
        by_id=by.id,
        now=now,
        letting_go=[(row, "answer_id") for row in queries.answered(answer.id)],
    )


def put_answer_back(removal: Removal) -> Answer:
    """We do. Raises RuleBroken where another has its title by now."""
    with refusing_doubles(_("There is an answer with that title."), "uq_answer_title"):
        return queries.get_answer(removals.put_back(removal))


def set_setting(*, check_months: int, own_names: str, brands: str) -> RequirementSetting:
    """How this installation works with requirements, from now on."""
    row = queries.setting_row()
    if row is None:
        row = RequirementSetting(id=1)
        db.session.add(row)
    row.check_months, row.own_names, row.brands = check_months, own_names, brands
    db.session.flush()
    return row


# --- Comparisons --------------------------------------------------------------------------------


def compare_list(
    case: Case,
    procurement: Procurement | None,
    title: str,
    found: Sequence[Line],
    *,
    by: User,
    now: datetime,
) -> Comparison:
    """Compare a published list with all our requirements, as a proposal to confirm (F7).

    Raises RuleBroken for an empty list, one that is too long, and a procurement of another body.
    """
    if not found:
        raise RuleBroken(_("There is no requirement in that list."))
    if len(found) > MOST_LINES:
        raise RuleBroken(_("A list has at most %(most)s lines.", most=MOST_LINES))
    if procurement is not None and procurement.body_id != case.body_id:
        raise RuleBroken(_("%(title)s belongs to another body.", title=procurement.title))
    proposals = compare(found, queries.all_of_ours())  # before anything is written
    comparison = Comparison(
        case_id=case.id,
        procurement_id=procurement.id if procurement is not None else None,
        title=title,
        made_at=now,
        made_by_id=by.id,
    )
    db.session.add(comparison)
    db.session.flush()
    for position, (line, proposal) in enumerate(zip(found, proposals, strict=True)):
        db.session.add(
            ComparisonLine(
                comparison_id=comparison.id,
                position=position,
                reference=line.reference,
                text=line.text,
                kind=line.kind,
                requirement_id=proposal.ours.ident if proposal.ours is not None else None,
                verdict=proposal.verdict,
                clash=proposal.clash,
                clash_words=proposal.words[:100],
                score=round(proposal.score),
            )
        )
    return comparison


def settle_line(
    line: ComparisonLine,
    requirement: Requirement | None,
    verdict: Verdict,
    question: str,
    *,
    by: User,
    now: datetime,
) -> None:
    """What a line is, by somebody who has read both. New is what has no requirement of ours.

    Raises RuleBroken where verdict and requirement do not go together.
    """
    if (verdict is Verdict.NEW) != (requirement is None):
        raise RuleBroken(
            _("New is what has no requirement of ours; everything else needs the one it is like.")
        )
    clash, words = _clash(line, requirement, verdict) if requirement is not None else (None, "")
    line.requirement_id = requirement.id if requirement is not None else None
    line.clash, line.clash_words = clash, words[:100]
    line.verdict, line.question = verdict, question
    _confirm(line, by, now)


def _clash(
    line: ComparisonLine, requirement: Requirement, verdict: Verdict
) -> tuple[Clash | None, str]:
    """Why it stands as the reader says: what is found in both, or else the reader's own word."""
    answer = db.session.get(Answer, requirement.answer_id) if requirement.answer_id else None
    ours = Ours(
        requirement.id,
        requirement.text,
        requirement.like_key,
        requirement.kind,
        answer.state if answer is not None else None,
    )
    proposed, clash, words = weigh(Line(line.text, line.reference, line.kind), ours)
    if proposed is verdict:
        return clash, words
    return (Clash.BY_HAND if verdict is Verdict.CONTRADICTING else None), ""


def confirm_lines(comparison: Comparison, ids: Sequence[int], *, by: User, now: datetime) -> int:
    """The proposals of these lines hold. How many that were still open."""
    found = db.session.scalars(
        sa.select(ComparisonLine).where(
            ComparisonLine.comparison_id == comparison.id,
            ComparisonLine.id.in_(ids),
            ComparisonLine.confirmed_at.is_(None),
        )
    ).all()
    for line in found:
        _confirm(line, by, now)
    return len(found)


def _confirm(line: ComparisonLine, by: User, now: datetime) -> None:
    line.confirmed_at, line.confirmed_by_id = now, by.id
