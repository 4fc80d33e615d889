"""Count with the law: each question gives the rulebook's answer, in words and with its steps (G4)."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from crm.law.count_pages import QUESTIONS, LawQuestion
from crm.rules.access import Role

pytestmark = pytest.mark.one_database

AsUser = Callable[..., Any]

ANSWERS = {
    LawQuestion.SERVICE: ({"amount": "10 000", "months": "60"}, "480 000", "5 kap. 13 §"),
    LawQuestion.LEASE: (
        {"amount": "1 000", "months": "24", "more": "5 000"},
        "29 000",
        "5 kap. 10 §",
    ),
    LawQuestion.RECURRING_PAST: (
        {"amounts": "100 000\n50 000", "more": "10 000"},
        "160 000",
        "5 kap. 11 §",
    ),
    LawQuestion.RECURRING_COMING: ({"amounts": "1\n2"}, "3\xa0kr", "5 kap. 11 §"),
    LawQuestion.FRAMEWORK: ({"amounts": "400 000\n600 000"}, "1 000 000", "5 kap. 14 §"),
    LawQuestion.LOTS: (
        {"amounts": "9 mnkr\n500 000", "kind": "goods_services", "on": "2026-06-01"},
        "del 2",
        "5 kap. 8 §",
    ),
    LawQuestion.CONCESSION: ({"amount": "2 mnkr"}, "2 000 000", "LUK 5 kap. 2 §"),
    LawQuestion.SMALL_CHANGE: (
        {"amount": "1 000 000", "more": "100 000", "kind": "goods_services", "on": "2026-06-01"},
        "Nej",
        "17 kap. 9 §",
    ),
    LawQuestion.ADDED_ORDER: (
        {"amount": "1 000 000", "more": "500 000", "on": "2026-06-01"},
        "Ja",
        "17 kap. 11 §",
    ),
    LawQuestion.UNFORESEEN: (
        {"amount": "1 000 000", "more": "500 001", "on": "2026-06-01"},
        "Nej",
        "17 kap. 12 §",
    ),
    LawQuestion.FRAMEWORK_LEFT: ({"amount": "1 mnkr", "more": "400 tkr"}, "600 000", "C-23/20"),
    LawQuestion.REASONS: ({"on": "2026-06-01"}, "16 juni 2026", "12 kap. 13 §"),
    LawQuestion.KEPT: ({"on": "2026-06-01"}, "juni 2030", "12 kap. 17 §"),
    LawQuestion.DAMAGES: ({"on": "2026-06-01"}, "juni 2027", "20 kap. 21 §"),
    LawQuestion.FEE: ({"amount": "1 mnkr", "on": "2026-06-01"}, "100 000", "21 kap."),
}


def test_every_question_has_a_worked_example() -> None:
    assert set(ANSWERS) == set(LawQuestion) == set(QUESTIONS)


@pytest.mark.parametrize("what", list(LawQuestion))
def test_a_question_is_answered_with_its_paragraph(as_user: AsUser, what: LawQuestion) -> None:
    typed, says, cites = ANSWERS[what]
    answer = as_user(Role.REP).get(f"/law-values/count?{urlencode({'what': what.value, **typed})}")
    shown = answer.get_data(as_text=True).replace("\N{NO-BREAK SPACE}", " ")
    assert answer.status_code == 200
    _before, _head, told = shown.partition('id="answer-head"')
    assert says.replace("\N{NO-BREAK SPACE}", " ") in told and cites in told


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"what": "lots", "amounts": "100 000\nfem"}, "Rad 2"),
        ({"what": "service", "amount": "-1"}, "kan inte vara negativt"),
        ({"what": "service", "amount": "1", "months": "0"}, "1 och 600"),
        ({"what": "kept", "on": "31/2"}, "31/2"),
        ({"what": "framework", "amounts": "1\n" * 51}, "Högst 50"),
        ({"what": "nothing", "amount": ""}, "Det här behövs"),
    ],
)
def test_what_cannot_be_read_is_told_and_kept(
    as_user: AsUser, asked: dict[str, str], says: str
) -> None:
    shown = as_user(Role.REP).get(f"/law-values/count?{urlencode(asked)}").get_data(as_text=True)
    assert says in shown and 'id="answer-head"' not in shown
