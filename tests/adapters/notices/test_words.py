"""What the page needs to say: every value has its words, in both languages."""

from enum import Enum

import pytest
from flask import Flask
from flask_babel import force_locale

from crm.adapters.notices.problems import NoticeProblem
from crm.rules.notices import (
    AwardStatus,
    CriterionKind,
    DeadlineKind,
    DoubtKind,
    FrameworkKind,
    LengthUnit,
    NoticeField,
    NoticeKind,
    NoticeSource,
    ProcedureType,
)
from crm.web.labels import LABELS, label

KINDS: list[type[Enum]] = [
    AwardStatus,
    CriterionKind,
    DeadlineKind,
    DoubtKind,
    FrameworkKind,
    LengthUnit,
    NoticeField,
    NoticeKind,
    NoticeProblem,
    NoticeSource,
    ProcedureType,
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_value_has_words(kind: type[Enum]) -> None:
    assert set(LABELS[kind.__name__]) == {member.value for member in kind}


@pytest.mark.one_database
@pytest.mark.parametrize("language", ["en", "sv"])
def test_every_reason_is_a_sentence_of_its_own(app: Flask, language: str) -> None:
    with app.test_request_context("/"), force_locale(language):
        said = [label(problem) for problem in NoticeProblem]
    assert len(set(said)) == len(said)
    assert all(one.endswith(".") and one[0].isupper() for one in said)
