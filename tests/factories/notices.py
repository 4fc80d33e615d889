"""Notices: the samples that the readers are tried with, and ones made for a test."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from itertools import count
from pathlib import Path
from typing import Any

from crm.adapters.notices.upload import FileResult, read_upload
from crm.core.db import db
from crm.procurements import notices
from crm.procurements.models import NoticeResult
from crm.rules.calendar import STOCKHOLM
from crm.rules.notices import Deadline, DeadlineKind, Notice, NoticeKind, NoticeSource, Party, Words
from tests.factories.cases import NOW, TODAY

SAMPLES = Path(__file__).parents[1] / "adapters" / "notices" / "samples"
CALL, RESULT = "synthetic_se_cn16.xml", "synthetic_se_can29.xml"
BUYER = "2120009994"  # of both, "Exempelkommun"

_numbers = count(1)


def sample(name: str) -> Notice:
    """The (first) notice of a sample."""
    with (SAMPLES / name).open("rb") as stream:
        return next(found.notices[0] for found in read_upload(name, stream))


def due(day: datetime | date, kind: DeadlineKind = DeadlineKind.TENDERS) -> Deadline:
    """A deadline as a notice tells it, by the clock in Sweden."""
    if not isinstance(day, datetime):
        return Deadline(kind, day, None, None, day.isoformat())
    return Deadline(kind, day.date(), day, day.replace(tzinfo=STOCKHOLM), day.isoformat())


def make_record(kind: NoticeKind = NoticeKind.COMPETITION, **values: Any) -> Notice:
    """A notice of its own, of Exempelkommun's procurement "p-1"."""
    number = next(_numbers)
    told = {
        "source": NoticeSource.EFORMS,
        "kind": kind,
        "about": kind,
        "id": f"{number:08x}-0000-4000-8000-000000000000",
        "version": 1,
        "publication_number": f"{number}-2026",
        "procedure_id": "p-1",
        "buyers": (Party(Words((("sv", "Exempelkommun"),)), number=BUYER),),
        "title": Words((("sv", "Läsplattform"),)),
        **values,
    }
    return Notice(**told)


def changed(notice: Notice, **values: Any) -> Notice:
    """The same notice published again as a change, in a version of its own."""
    new = {
        "kind": NoticeKind.CHANGE,
        "about": notice.about,
        "version": (notice.version or 1) + 1,
        "publication_number": f"{next(_numbers)}-2026",
        **values,
    }
    return replace(notice, **new)


def store(
    records: Iterable[Notice],
    *,
    by: Any = None,
    today: date = TODAY,
    now: datetime = NOW,
) -> list[NoticeResult]:
    """Import these notices, each in a file of its own, and return what became of them."""
    made = notices.begin("annonser.zip", by=by, now=now)
    files = [
        FileResult(f"{n}.xml", (record,), digest=hashlib.sha256(repr(record).encode()).hexdigest())
        for n, record in enumerate(records, 1)
    ]
    notices.store(made.id, list(notices.items(files)), notices.Run(by, today, now))
    notices.finish(made.id, now=now)
    db.session.flush()
    return (
        db.session.query(NoticeResult).filter_by(import_id=made.id).order_by(NoticeResult.id).all()
    )
