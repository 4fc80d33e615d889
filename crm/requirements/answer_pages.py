"""The library of answers: listed, written, checked again. Hung up in `views.py`."""

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from crm.accounts import queries as accounts
from crm.audit import removals
from crm.core import clock
from crm.core.db import transaction
from crm.requirements import operations, queries
from crm.requirements.forms import AnswerForm, NewAnswerForm, SettingForm
from crm.requirements.models import Answer
from crm.requirements.queries import AnswerFilter
from crm.rules.access import Permission
from crm.rules.requirements import AnswerSign, AnswerState, Area, answer_sign
from crm.web.access import requires
from crm.web.asked import number_or_none, page_number
from crm.web.forms import clean, page, user


def sign_of(answer: Answer, months: int) -> AnswerSign:
    """What an answer calls for today."""
    return answer_sign(answer.state, answer.planned_on, answer.checked_on, clock.today(), months)


@requires(Permission.READ)
def answers() -> Response:
    """The library, by area; with `due`, those to be looked at again."""
    args = request.args
    area, state = args.get("area"), args.get("state")
    chosen = AnswerFilter(
        text=str(clean(args.get("q", "")[:100])),
        area=Area(area) if area in set(Area) else None,
        state=AnswerState(state) if state in set(AnswerState) else None,
        due=args.get("due") == "1",
    )
    months, today = queries.check_months(), clock.today()
    return page(
        "requirements/answers.html",
        answers=queries.answers(chosen, today=today, months=months, page=page_number(args)),
        chosen=chosen,
        areas=Area,
        states=AnswerState,
        months=months,
        due=queries.due_answers(today, months),
        sign_of=lambda answer: sign_of(answer, months),
    )


@requires(Permission.READ)
def answer(answer_id: int) -> Response:
    """One answer, and the requirements that have it."""
    found = queries.get_answer(answer_id)
    return page(
        "requirements/answer.html",
        answer=found,
        sign=sign_of(found, queries.check_months()),
        months=queries.check_months(),
        used_by=queries.answered_by(found.id),
    )


def _owners(present: int | None = None) -> list[tuple[int, str]]:
    return [(one.id, one.name) for one in accounts.choices(include=present)]


@requires(Permission.EDIT_CASES)
def new_answer() -> AnyResponse:
    """One more answer; from the page of a requirement, that gets it at once."""
    number = number_or_none(request.values.get("requirement"))
    requirement = queries.get(number) if number is not None else None
    form = NewAnswerForm(owners=_owners())
    if not form.is_submitted():
        form.owner_id.data = user().id
        form.requirement.data = str(requirement.id) if requirement is not None else ""
        if requirement is not None:
            form.title.data, form.area.data = requirement.text[:200], requirement.area

    def make() -> str:
        made = operations.write_answer(None, **_typed(form), today=clock.today())
        if requirement is not None:
            requirement.answer_id = made.id
            return url_for("requirements.show", requirement_id=requirement.id)
        return url_for("requirements.answer", answer_id=made.id)

    if there := form.carried_out_once(make):
        flash(_("Saved."), "message")
        return redirect(there, 303)
    return page("requirements/edit_answer.html", form=form, answer=None, requirement=requirement)


@requires(Permission.EDIT_CASES)
def edit_answer(answer_id: int) -> AnyResponse:
    """Change an answer; what is saved counts as checked today."""
    found = queries.get_answer(answer_id)
    form = AnswerForm(owners=_owners(found.owner_id), obj=found)
    if not form.is_submitted():
        form.version.data = str(found.version)

    def save() -> None:
        form.check_version(found)
        operations.write_answer(found, **_typed(form), today=clock.today())

    if form.carried_out(save):
        flash(_("Saved. It counts as checked today."), "message")
        return redirect(url_for("requirements.answer", answer_id=answer_id), 303)
    return page("requirements/edit_answer.html", form=form, answer=found, requirement=None)


def _typed(form: NewAnswerForm | AnswerForm) -> dict[str, Any]:
    owner_id = form.owner_id.data
    return {
        "title": form.title.data,
        "text": form.text.data,
        "area": form.area.data,
        "state": form.state.data,
        "planned_on": form.planned_on.day,
        "evidence": form.evidence.data or "",
        "owner": accounts.get(owner_id) if owner_id is not None else None,
    }


@requires(Permission.EDIT_CASES)
def check_answer(answer_id: int) -> AnyResponse:
    """It still holds."""
    found = queries.get_answer(answer_id)
    with transaction(by=user()):
        operations.check_answer(found, today=clock.today())
    flash(_("Noted: it holds as of today."), "message")
    return redirect(url_for("requirements.answer", answer_id=answer_id), 303)


@requires(Permission.EDIT_CASES)
def remove_answer(answer_id: int) -> AnyResponse:
    """We no longer answer that."""
    found = queries.get_answer(answer_id)
    with transaction(by=user()):
        removal = operations.remove_answer(found, by=user(), now=clock.now())
        undo = url_for("requirements.put_answer_back", removal_id=removal.id)
    flash(_("The answer is taken away."), f"undo:{undo}")
    return redirect(url_for("requirements.answers"), 303)


@requires(Permission.EDIT_CASES)
def put_answer_back(removal_id: int) -> AnyResponse:
    """We do."""
    removal = removals.get(removal_id, Answer.__tablename__)
    with transaction(by=user()):
        answer_id = operations.put_answer_back(removal).id
    flash(_("The answer is back."), "message")
    return redirect(url_for("requirements.answer", answer_id=answer_id), 303)


@requires(Permission.EDIT_LISTS)
def settings() -> AnyResponse:
    """How often answers are looked at, and which names are pointed out."""
    row = queries.setting_row()
    form = SettingForm(obj=row)
    if not form.is_submitted():
        form.version.data = str(row.version if row is not None else 0)
        if row is None:
            form.check_months.data = queries.check_months()

    def save() -> None:
        form.check_version(row)
        operations.set_setting(
            check_months=form.check_months.data,
            own_names=form.own_names.data or "",
            brands=form.brands.data or "",
        )

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return redirect(url_for("requirements.answers"), 303)
    return page("requirements/settings.html", form=form)
