"""Journey 3 with trials: what the product told overnight is sorted in the morning, by keys alone.

Two keys at most for each, counted; what is sorted stands with its unit where the use is shown.
"""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from crm.core import clock
from crm.core.db import db
from crm.interest.models import Inquiry, Sorting
from crm.interest.operations import seed_sources
from crm.people.models import Post
from crm.rules.access import Role
from crm.trials import operations
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person
from tests.factories.trials import make_source, told
from tests.support.sessions import user_with

NEW = ("Eva Ek", "Leila Omar", "Bo Bok", "Karin Sjö")


@pytest.mark.one_database
def test_journey_3_six_trial_sign_ups_are_sorted_from_the_keyboard(
    new_page: Any, live: Any
) -> None:
    with live.data():
        seed_sources()
        rep_id = int(user_with(Role.REP).id)
        body = make_municipality("Hultsfred", email_domain="hultsfred.se")
        school, other = make_unit(body, "Venhagsskolan"), make_unit(body, "Albäcksskolan")
        anna = make_person("Anna", "Berg", school)  # known, without an address
        source, now, today = make_source(now=clock.now()), clock.now(), clock.today()
        signed_up = [
            *((f"{name.lower().replace(' ', '.').replace('ö', 'o')}", name, other) for name in NEW),
            ("anna.berg", "Anna Berg", school),  # the same as she whom we know
            ("info", "Bo på expeditionen", school),  # a mailbox of many
        ]
        for number, (mailbox, name, unit) in enumerate(signed_up):
            operations.take(
                source,
                told(
                    f"{mailbox}@hultsfred.se",
                    account=f"a-{number}",
                    name=name,
                    workplace=unit.name,
                    signed_up_on=today,
                    first_used_on=today,
                    last_used_on=today,
                ),
                now=now - timedelta(hours=9 - number),
            )
        body_id, school_id, other_id, anna_id = body.id, school.id, other.id, anna.id

    page = new_page(rep_id)
    page.goto("/inquiries?whose=all")
    keys = 0
    for left in range(6, 0, -1):
        page.wait_for_selector(f"text=/av {left}\\b/")
        page.wait_for_load_state()
        page.keyboard.press("a")
        keys += 1
    page.wait_for_selector("text=Inget väntar på att sorteras")
    assert keys <= 12
    with live.data():
        rows = db.session.execute(
            sa.select(Inquiry.sorting, Inquiry.organisation_id, Inquiry.person_id).order_by(
                Inquiry.id
            )
        ).all()
        assert [row.sorting for row in rows] == [Sorting.SORTED] * 6
        assert [row.organisation_id for row in rows] == [other_id] * 4 + [school_id] * 2
        assert rows[4].person_id == anna_id and rows[5].person_id != anna_id
        posts = sa.select(Post.organisation_id).where(Post.person_id == rows[0].person_id)
        assert db.session.scalars(posts).all() == [other_id]
    page.goto(f"/trials/at/{body_id}")
    expect(page.get_by_text("6 personer använder det, i 2 enheter.")).to_be_visible()
