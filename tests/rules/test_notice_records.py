"""A notice as it is stored says what it said, but for what may belong to a person."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from crm.adapters.notices.upload import read_upload
from crm.rules.notice_records import from_plain, office_of, to_plain
from crm.rules.notices import (
    Award,
    ContactPoint,
    Notice,
    NoticeKind,
    NoticeSource,
    Party,
    Words,
)

SAMPLES = sorted((Path(__file__).parents[1] / "adapters" / "notices" / "samples").iterdir())


def read(path: Path) -> tuple[Notice, ...]:
    with path.open("rb") as stream:
        return tuple(one for found in read_upload(path.name, stream) for one in found.notices)


def without_contact(notice: Notice) -> Notice:
    def bare(party: Party) -> Party:
        return replace(party, email=None, phone=None)

    def bare_award(award: Award) -> Award:
        return replace(
            award,
            winners=tuple(map(bare, award.winners)),
            subcontractors=tuple(map(bare, award.subcontractors)),
        )

    return replace(
        notice,
        buyers=tuple(map(bare, notice.buyers)),
        contact=office_of(notice.contact) if notice.contact else None,
        awards=tuple(map(bare_award, notice.awards)),
        review_body=bare(notice.review_body) if notice.review_body else None,
    )


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_is_the_same_again_but_for_mail_and_telephone(path: Path) -> None:
    for notice in read(path):
        text = json.dumps(to_plain(notice))
        assert from_plain(json.loads(text)) == without_contact(notice)


@pytest.mark.parametrize(
    ("point", "kept"),
    [
        (
            ContactPoint("Upphandlingsenheten", "upphandling@x.example", "08-1"),
            ContactPoint("Upphandlingsenheten", "upphandling@x.example", "08-1"),
        ),
        (
            ContactPoint("Procurement Department", "jo.smith@x.example", "08-1"),
            ContactPoint("Procurement Department", None, "08-1"),
        ),
        (
            ContactPoint("Anna Berg", "inkop@x.example", "070-1"),
            ContactPoint(None, "inkop@x.example", None),
        ),
        (
            ContactPoint(None, "registrator@x.example", "08-1"),
            ContactPoint(None, "registrator@x.example", "08-1"),
        ),
        (ContactPoint("Anna Berg", "anna.berg@x.example", "070-1"), None),
        (ContactPoint(None, "anna.berg@x.example", "070-1"), None),
        (ContactPoint(None, None, "070-1"), None),
        (ContactPoint("Anna Berg", "inte en adress", None), None),
    ],
)
def test_of_a_contact_point_only_an_office_is_kept(
    point: ContactPoint, kept: ContactPoint | None
) -> None:
    notice = Notice(NoticeSource.OCDS, NoticeKind.RESULT, NoticeKind.RESULT, contact=point)
    assert from_plain(json.loads(json.dumps(to_plain(notice)))).contact == kept
    assert "Berg" not in str(to_plain(notice)) and "anna" not in str(to_plain(notice))


def test_what_is_not_said_takes_no_room() -> None:
    bare = Notice(NoticeSource.EFORMS, NoticeKind.RESULT, NoticeKind.RESULT)
    assert to_plain(bare) == {"source": "eforms", "kind": "result", "about": "result"}


def test_signs_that_no_database_holds_are_left_out() -> None:
    title = Words((("sv", "Läs\x00stöd\ud800"),))
    notice = Notice(NoticeSource.OCDS, NoticeKind.RESULT, NoticeKind.RESULT, title=title)
    assert str(from_plain(to_plain(notice)).title) == "Lässtöd"


@pytest.mark.parametrize("record", [{}, {"source": "eforms"}, {"kind": 7}, {"no": "field"}])
def test_what_is_no_record_is_refused(record: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_plain(record)
