"""What one can wait for says which year it means, whatever the buyer."""

from datetime import date

import pytest
from flask import Flask
from flask_babel import force_locale

from crm.rules.budget_cycle import BodyKind, default_practice
from crm.rules.quiet import Audience
from crm.rules.stages import WakeEvent, resolve_event
from crm.web.events import wake_words

BEFORE_THE_ELECTION = date(2026, 5, 4)
AFTER_IT = date(2026, 11, 23)
AN_ORDINARY_YEAR = date(2027, 11, 15)


@pytest.mark.one_database
@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("kind", BodyKind)
@pytest.mark.parametrize("today", [BEFORE_THE_ELECTION, AFTER_IT, AN_ORDINARY_YEAR])
def test_every_choice_names_its_year(
    app: Flask, today: date, kind: BodyKind, language: str
) -> None:
    with app.test_request_context(), force_locale(language):
        for event in WakeEvent:
            when = resolve_event(event, default_practice(kind), Audience.SCHOOL, today)
            if when is not None:
                assert str(when.year) in wake_words(event, when, kind)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("event", "kind", "today", "words"),
    [
        (
            WakeEvent.COUNCIL_DECIDED,
            BodyKind.MUNICIPALITY,
            AFTER_IT,
            "until the newly elected council has decided the budget for 2027",
        ),
        (
            WakeEvent.COUNCIL_DECIDED,
            BodyKind.REGION,
            AN_ORDINARY_YEAR,
            "until the council has decided the budget for 2028",
        ),
        (
            WakeEvent.COUNCIL_DECIDED,
            BodyKind.STATE,
            AFTER_IT,
            "until the Riksdag has decided the appropriations for 2027",
        ),
        (
            WakeEvent.NEW_COUNCIL,
            BodyKind.MUNICIPALITY,
            BEFORE_THE_ELECTION,
            "until the council elected in 2026 has taken office",
        ),
        (
            WakeEvent.NEW_COUNCIL,
            BodyKind.MUNICIPALITY,
            AFTER_IT,
            "until the council elected in 2030 has taken office",
        ),
        (
            WakeEvent.TERM_STARTS,
            BodyKind.MUNICIPALITY,
            AFTER_IT,
            "until the spring term of 2027 has started",
        ),
    ],
)
def test_it_is_named_for_the_buyer_and_the_election(
    app: Flask, event: WakeEvent, kind: BodyKind, today: date, words: str
) -> None:
    when = resolve_event(event, default_practice(kind), Audience.SCHOOL, today)
    assert when is not None
    with app.test_request_context(), force_locale("en"):
        assert wake_words(event, when, kind) == words
