"""Every stored value has words, so that no page shows a raw one."""

import importlib
import pkgutil
from collections.abc import Iterator
from enum import Enum

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_babel import force_locale

import crm
from crm.core.db import Base
from crm.web.labels import LABELS, label

UNSEEN = {
    "LetterState",  # the status page counts them
    "Act",  # the steps of a merge, for undoing it
    "FeedKind",  # each has a page of its own
    "Kind",  # organisations and people are merged on pages of their own
    "Reason",  # of a merge: told in sentences
    "Verdict",  # a pair of the queue that is not asked about again
    "StageKey",  # told by the filters stage_name and milestone_name
}
"""Never shown as such, each with why."""


def stored_enums() -> Iterator[type[Enum]]:
    for module in pkgutil.iter_modules(crm.__path__):
        if module.ispkg:
            importlib.import_module(f"crm.{module.name}")
    importlib.import_module("crm.models")
    found = {
        column.type.enum_class
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, sa.Enum) and column.type.enum_class is not None
    }
    yield from sorted(found, key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", list(stored_enums()), ids=lambda kind: kind.__name__)
def test_every_member_has_words(kind: type[Enum]) -> None:
    if kind.__name__ not in UNSEEN:
        assert set(LABELS[kind.__name__]) == {member.value for member in kind}


@pytest.mark.one_database
def test_words_are_in_the_readers_language(app: Flask) -> None:
    from crm.rules.stages import AdoptionStage

    with app.test_request_context("/"):
        with force_locale("sv"):
            assert label(AdoptionStage.WIDE_USE) == "Brett införd"
        with force_locale("en"):
            assert label(AdoptionStage.WIDE_USE) == "Wide use"
        assert label(None) == ""
