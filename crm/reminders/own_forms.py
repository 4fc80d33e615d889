"""What is chosen of a rule of one's own. Everything comes from lists; `.rule` is what it says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from crm.reminders.models import OwnRuleState
from crm.rules.budget_cycle import BodyKind
from crm.rules.own_events import Assignee, OwnEvent, RuleScope
from crm.rules.own_rules import (
    BODY_NAMES,
    EVENT_NAMES,
    FIELD_OF,
    INSTRUCTION_LENGTH,
    KINDS,
    NAME_LENGTH,
    OwnRule,
    Problem,
    problems,
)
from crm.rules.reminder_facts import ReminderKind
from crm.rules.rule_settings import DistanceUnit
from crm.rules.stages import AdoptionStage, ProcurementStage
from crm.web import filters
from crm.web.forms import Form, OnceForm, VersionedForm
from crm.web.labels import choices, label

_EITHER: Final = {"": None, "yes": True, "no": False}
_AS_EITHER: Final = {value: key for key, value in _EITHER.items()}


@dataclass(frozen=True, slots=True)
class Lists:
    """What the form is chosen from, beside what the rulebook knows: colleagues and counties."""

    people: Mapping[int, str]
    counties: Mapping[str, str]
    away: frozenset[int]  # colleagues who have left


def _ticks(name: Any) -> SelectMultipleField:
    widgets = {"widget": ListWidget(prefix_label=False), "option_widget": CheckboxInput()}
    return SelectMultipleField(
        name, filters=[lambda sent: [one for one in sent or () if one]], **widgets
    )


def _in_words(names: Mapping[Any, tuple[str, str]]) -> list[tuple[str, str]]:
    english = filters.language() == "en"
    return [(one.value, words[english]) for one, words in names.items()]


class OwnRuleForm(Form):
    """The fields that a new rule and a changed one share."""

    name = StringField(
        _l("What is to be done"), [DataRequired(_l("This is needed.")), Length(max=NAME_LENGTH)]
    )
    instruction = TextAreaField(
        _l("How, for whoever gets the reminder"),
        [Length(max=INSTRUCTION_LENGTH)],
        render_kw={"rows": 2},
    )
    kind = SelectField(
        _l("Kind"), choices=lambda: [(one.value, label(one)) for one in KINDS], coerce=ReminderKind
    )
    count = IntegerField(_l("How long"), [InputRequired(_l("This is needed."))])
    unit = SelectField(_l("Counted in"), choices=lambda: choices(DistanceUnit), coerce=DistanceUnit)
    side = SelectField(
        _l("Before or after"), choices=lambda: [("before", _l("before")), ("after", _l("after"))]
    )
    event = SelectField(_l("Event"), choices=lambda: _in_words(EVENT_NAMES), coerce=OwnEvent)
    scope = SelectField(_l("Speaks for"), choices=lambda: choices(RuleScope), coerce=RuleScope)
    price = SelectField(
        _l("Price"),
        choices=lambda: [
            ("", _l("shared or not")),
            ("no", _l("no price has been shared")),
            ("yes", _l("a price has been shared")),
        ],
    )
    champion = SelectField(
        _l("Champion"),
        choices=lambda: [
            ("", _l("with or without")),
            ("no", _l("there is none")),
            ("yes", _l("there is one")),
        ],
    )
    waiting = SelectField(
        _l("Waiting"),
        choices=lambda: [
            ("no", _l("cases that do not wait")),
            ("yes", _l("only cases that wait")),
            ("", _l("both")),
        ],
    )
    adoption_from = SelectField(_l("Adoption: from"))
    adoption_to = SelectField(_l("Adoption: to"))
    procurement_from = SelectField(_l("Procurement: from"))
    procurement_to = SelectField(_l("Procurement: to"))
    kinds = _ticks(_l("Kinds of buyers"))
    counties = _ticks(_l("Counties"))
    manager = SelectField(_l("Whose buyers"))
    practice = SelectField(
        _l("Budget timetable"),
        choices=lambda: [
            ("", _l("known or not")),
            ("yes", _l("the timetable is known")),
            ("no", _l("the timetable is not known")),
        ],
    )
    assignee = SelectField(_l("Who gets the reminder"))
    note = TextAreaField(_l("Why, for your colleagues"), [Length(max=500)], render_kw={"rows": 2})
    anyway = BooleanField(_l("Save it although it speaks for nobody today"))
    step = HiddenField()

    shows_anyway = False

    def __init__(self, lists: Lists, rule: OwnRule | None = None, **facts: Any) -> None:
        super().__init__(data=_as_typed(rule) if rule else _as_typed(_FIRST), **facts)
        self.adoption_from.choices = self.adoption_to.choices = choices(
            AdoptionStage, empty=_("any stage")
        )
        self.procurement_from.choices = self.procurement_to.choices = choices(
            ProcurementStage, empty=_("any stage")
        )
        self.kinds.choices = _in_words(BODY_NAMES)
        self.counties.choices = list(lists.counties.items())
        people = [(str(ident), name) for ident, name in lists.people.items()]
        self.manager.choices = [("", _("everybody's")), *people]
        self.assignee.choices = [
            (Assignee.CASE_OWNER.value, label(Assignee.CASE_OWNER)),
            (Assignee.ACCOUNT_MANAGER.value, label(Assignee.ACCOUNT_MANAGER)),
            *people,
        ]

    @property
    def narrowed(self) -> bool:
        """Whether anything is chosen, or wrong, among what only some rules need."""
        rare = (
            self.adoption_from,
            self.adoption_to,
            self.procurement_from,
            self.procurement_to,
            self.manager,
            self.practice,
            self.kinds,
            self.counties,
        )
        return any(field.data or field.errors for field in rare)

    @property
    def rule(self) -> OwnRule:
        """What was chosen. Only of a form that is valid as far as its fields are."""
        by_name = str(self.assignee.data)
        colleague = by_name.isdigit()
        return OwnRule(
            name=self.name.data or "",
            instruction=self.instruction.data or "",
            kind=self.kind.data,
            count=int(self.count.data),
            unit=self.unit.data,
            before=self.side.data == "before",
            event=self.event.data,
            scope=self.scope.data,
            kinds=tuple(BodyKind(value) for value in self.kinds.data or ()),
            counties=tuple(self.counties.data or ()),
            manager_id=int(self.manager.data) if self.manager.data else None,
            practice_known=_EITHER[self.practice.data],
            adoption_from=_stage(AdoptionStage, self.adoption_from.data),
            adoption_to=_stage(AdoptionStage, self.adoption_to.data),
            procurement_from=_stage(ProcurementStage, self.procurement_from.data),
            procurement_to=_stage(ProcurementStage, self.procurement_to.data),
            price_shared=_EITHER[self.price.data],
            has_champion=_EITHER[self.champion.data],
            waiting=_EITHER[self.waiting.data],
            assignee=Assignee.COLLEAGUE if colleague else Assignee(by_name),
            user_id=int(by_name) if colleague else None,
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """Each field by itself, and then what the rulebook says of the whole."""
        if not super().validate(extra_validators):
            return False
        rule = self.rule
        wrong = problems(rule)
        for problem in wrong:
            field = self[FIELD_OF[problem]]
            field.errors = [*field.errors, _sentence(problem, rule)]
        return not wrong


class NewOwnRuleForm(OwnRuleForm, OnceForm):
    """However often it is sent, there is one rule."""


class ChangeOwnRuleForm(OwnRuleForm, VersionedForm):
    """Carries the version that it was opened with."""


class OwnRuleStateForm(VersionedForm):
    """On, off or ended."""

    state = SelectField(_l("State"), choices=lambda: choices(OwnRuleState), coerce=OwnRuleState)


_FIRST: Final = OwnRule(name="", count=10)


def _stage(kind: Any, value: str | None) -> Any:
    return kind(value) if value else None


def _as_typed(rule: OwnRule) -> dict[str, Any]:
    """The rule as the fields hold it."""
    return {
        "name": rule.name,
        "instruction": rule.instruction,
        "kind": rule.kind,
        "count": rule.count,
        "unit": rule.unit,
        "side": "before" if rule.before else "after",
        "event": rule.event,
        "scope": rule.scope,
        "price": _AS_EITHER[rule.price_shared],
        "champion": _AS_EITHER[rule.has_champion],
        "waiting": _AS_EITHER[rule.waiting],
        "adoption_from": rule.adoption_from or "",
        "adoption_to": rule.adoption_to or "",
        "procurement_from": rule.procurement_from or "",
        "procurement_to": rule.procurement_to or "",
        "kinds": [kind.value for kind in rule.kinds],
        "counties": list(rule.counties),
        "manager": str(rule.manager_id or ""),
        "practice": _AS_EITHER[rule.practice_known],
        "assignee": str(rule.user_id) if rule.user_id else rule.assignee.value,
    }


def _sentence(problem: Problem, rule: OwnRule) -> str:
    match problem:
        case Problem.NO_SUCH_KIND:
            return _("Choose one from the list.")
        case Problem.NEGATIVE:
            return _(
                "Write how long as a number that is not below zero, and choose before or after."
            )
        case Problem.TOO_FAR:
            return _(
                "At most %(most)s %(unit)s from this.",
                most=rule.most_in_its_unit,
                unit=label(rule.unit).lower(),
            )
        case Problem.BEFORE_OPENING:
            return _("Nobody knows of a case before it is opened: choose after.")
        case Problem.ADOPTION_BACKWARDS | Problem.PROCUREMENT_BACKWARDS:
            return _("The last stage comes before the first.")
        case Problem.CONTACT_WHILE_WAITING:
            return _("A case that waits is left in peace: choose another kind than contact.")
        case Problem.CONTACT_WHILE_PUBLISHED:
            return _(
                "From the notice until the signature nobody is contacted: choose another kind, or"
                " other stages."
            )
        case Problem.EVENT_OF_A_CASE:
            return _("A buyer without a case has no such day: choose an event of the buyer's year.")
        case Problem.CONDITION_OF_A_CASE:
            return _(
                "Without a case there is no price, champion, stage or wait to go by: let those be,"
                " or choose buyers with a case."
            )
        case Problem.NO_COLLEAGUE:
            return _("Choose who gets the reminder.")
        case Problem.NO_NAME:
            return _("This is needed.")
        case _:
            return _("That is too long.")
