"""What follows from a notice: which it is, what it belongs to, in which order, and what it changes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.calendar import STOCKHOLM
from crm.rules.matching import Sameness
from crm.rules.notice_buyers import BuyerMatch, KnownBody, Register
from crm.rules.notices import (
    Award,
    AwardStatus,
    Contract,
    Deadline,
    DeadlineKind,
    FieldChange,
    LengthUnit,
    Lot,
    Money,
    Notice,
    NoticeField,
    NoticeKind,
    NoticeSource,
    Party,
    Period,
    Words,
    applied,
    identity,
    in_order,
    period_of,
    procurement_keys,
    publication_number,
    same_procurement,
    standing,
    ted_page,
    what_changed,
)

ID = "c4c415ee-ac08-4465-8fa6-57568cf69462"
OTHER = "71397268-6c47-4f2f-8ab0-f41a26138f81"


def sv(text: str) -> Words:
    return Words((("sv", text),))


def due(
    day: int, *lots: str, kind: DeadlineKind = DeadlineKind.TENDERS, hour: int = 12
) -> Deadline:
    wall = datetime(2027, 1, day, hour, 0)
    return Deadline(kind, wall.date(), wall, wall.replace(tzinfo=STOCKHOLM), "", lots)


CALL = Notice(
    source=NoticeSource.EFORMS,
    kind=NoticeKind.COMPETITION,
    about=NoticeKind.COMPETITION,
    id=ID,
    version=1,
    publication_number="700001-2026",
    procedure_id="P-1",
    dispatched=date(2026, 11, 20),
    title=sv("Skolmöbler"),
    deadlines=(due(18, "LOT-0001"),),
    lots=(Lot("LOT-0001", sv("Bord"), estimated=Money(100, "SEK")),),
)


@pytest.mark.parametrize(
    "text,number",
    [
        ("309890-2023", "309890-2023"),
        ("00309890-2023", "309890-2023"),
        ("075766-2021", "75766-2021"),
        ("2021/S 166-436372", "436372-2021"),
        ("2013/S 50-081552", "81552-2013"),
        ("https://ted.europa.eu/sv/notice/-/detail/309890-2023", "309890-2023"),
        ("https://ted.europa.eu/en/notice/309890-2023/xml", "309890-2023"),
        ("TED:NOTICE:075766-2021:TEXT:SV:HTML", "75766-2021"),
        (" se annons 309890-2023. ", "309890-2023"),
        (ID, None),
        (f"{ID}-01", None),
        ("556012-2023-1", None),
        ("212000-2635", None),
        ("00000000-2026", None),
        ("", None),
    ],
)
def test_a_number_is_read_from_any_way_of_writing_it(text: str, number: str | None) -> None:
    assert publication_number(text) == number


@given(st.integers(1, 99_999_999), st.integers(1993, 2099), st.integers(0, 8))
def test_a_number_stays_the_same_when_read_again(number: int, year: int, zeros: int) -> None:
    plain = f"{number}-{year}"
    assert publication_number(f"{number:0{zeros}}-{year}") == plain
    assert publication_number(ted_page(plain)) == plain


def test_the_same_notice_is_the_same_from_the_sender_and_from_ted() -> None:
    assert identity(CALL) == identity(replace(CALL, publication_number=None, id=ID.upper()))
    assert identity(CALL) != identity(replace(CALL, version=2))
    assert identity(replace(CALL, version=None)) == identity(CALL)


def test_old_notices_and_releases_have_identities_of_their_own() -> None:
    old = replace(CALL, source=NoticeSource.TED_EXPORT, id="700001-2026")
    release = replace(CALL, source=NoticeSource.OCDS, id="1", procedure_id="ocds-1")
    assert (identity(old), identity(release)) == ("ted:700001-2026", "ocds:ocds-1:1")
    assert identity(replace(old, publication_number=None, id=None)) is None
    assert identity(release) != identity(replace(release, procedure_id="ocds-2"))


@pytest.mark.parametrize(
    "later",
    [
        replace(CALL, id=OTHER, publication_number=None),  # the procedure's id
        replace(CALL, id=OTHER, procedure_id=None, publication_number=None, previous=(f"{ID}-01",)),
        replace(CALL, id=OTHER, procedure_id=None, publication_number=None, previous=("700001-2026",)),
        replace(CALL, version=2, procedure_id=None, publication_number=None),
    ],
)  # fmt: skip
def test_notices_of_one_procurement_share_a_key(later: Notice) -> None:
    assert set(procurement_keys(CALL)) & set(procurement_keys(later))
    assert same_procurement(CALL, later) and same_procurement(later, CALL)


def test_two_procurements_share_none() -> None:
    other = replace(CALL, id=OTHER, procedure_id="P-2", publication_number="700002-2026")
    assert not set(procurement_keys(CALL)) & set(procurement_keys(other))
    # releases of different publishers may have the same short id
    one = replace(CALL, source=NoticeSource.OCDS, id="1", publication_number=None)
    assert procurement_keys(one) == ("procedure:p-1",)


def test_two_procurements_from_one_planning_notice_are_two() -> None:
    planned = replace(CALL, id=OTHER, procedure_id=None, publication_number="600000-2026")
    one = replace(CALL, previous=("600000-2026",))
    two = replace(one, id="x", procedure_id="P-2", publication_number="700002-2026")
    assert same_procurement(one, planned) and same_procurement(two, planned)
    assert not same_procurement(one, two)
    assert same_procurement(one, replace(one, id=OTHER, procedure_id="p-1"))


def test_order_is_by_when_it_was_sent_and_then_by_version() -> None:
    second = replace(CALL, version=2)
    same_day = replace(CALL, id=OTHER, dispatched_at=datetime(2026, 11, 20, 8, 0, tzinfo=UTC))
    later = replace(CALL, dispatched=date(2026, 12, 1))
    undated = replace(CALL, dispatched=None)
    ordered = in_order([later, same_day, second, undated, CALL])
    assert ordered == [undated, CALL, second, same_day, later]


@given(st.permutations([1, 2, 3, 4]))
def test_order_does_not_follow_the_order_of_the_files(versions: list[int]) -> None:
    notices = [replace(CALL, version=one) for one in versions]
    assert [one.version for one in in_order(notices)] == [1, 2, 3, 4]


CHANGE = replace(
    CALL,
    id=OTHER,
    kind=NoticeKind.CHANGE,
    dispatched=date(2026, 12, 10),
    deadlines=(due(29, "LOT-0001"),),
)


def test_a_change_says_what_was_and_what_is() -> None:
    assert what_changed(CALL, CHANGE) == [
        FieldChange(
            NoticeField.DEADLINE, CALL.deadlines[0], CHANGE.deadlines[0], "LOT-0001", DeadlineKind.TENDERS
        )
    ]  # fmt: skip


def test_nothing_is_no_change() -> None:
    assert what_changed(CALL, replace(CALL, version=2, dispatched=date(2026, 12, 10))) == []


def test_the_same_moment_in_other_words_is_no_change() -> None:
    (deadline,) = CALL.deadlines
    assert deadline.at is not None
    again = replace(deadline, raw="x", at=deadline.at.astimezone(UTC))
    assert what_changed(CALL, replace(CALL, deadlines=(again,))) == []


def test_every_field_of_the_whole_and_of_a_lot() -> None:
    lot = CALL.lots[0]
    new = replace(
        CALL,
        title=sv("Skolmöbler och mattor"),
        cpv="39160000",
        estimated=Money(500, "SEK"),
        cancelled=True,
        deadlines=(),
        lots=(
            replace(lot, estimated=None, period=Period(length=24), options=sv("Fler")),
            Lot("LOT-0002"),
        ),
    )
    found = {(one.field, one.lot): (one.old, one.new) for one in what_changed(CALL, new)}
    assert found == {
        (NoticeField.DEADLINE, "LOT-0001"): (CALL.deadlines[0], None),
        (NoticeField.TITLE, None): (sv("Skolmöbler"), sv("Skolmöbler och mattor")),
        (NoticeField.CPV, None): (None, ("39160000",)),
        (NoticeField.ESTIMATED, None): (None, Money(500, "SEK")),
        (NoticeField.CANCELLED, None): (None, True),
        (NoticeField.LOTS, None): (("LOT-0001",), ("LOT-0001", "LOT-0002")),
        (NoticeField.ESTIMATED, "LOT-0001"): (Money(100, "SEK"), None),
        (NoticeField.PERIOD, "LOT-0001"): (None, Period(length=24)),
        (NoticeField.OPTIONS, "LOT-0001"): (None, sv("Fler")),
    }


PARTIAL = Notice(
    source=NoticeSource.TED_EXPORT,
    kind=NoticeKind.CHANGE,
    about=NoticeKind.COMPETITION,
    partial=True,
    dispatched=date(2026, 12, 10),
    deadlines=(due(29),),
)
OLD = replace(CALL, source=NoticeSource.TED_EXPORT, deadlines=(due(18), due(10, kind=DeadlineKind.QUESTIONS)))  # fmt: skip


def test_of_a_partial_change_only_what_it_says_counts() -> None:
    (change,) = what_changed(OLD, PARTIAL)
    assert (change.deadline, change.old, change.new) == (
        DeadlineKind.TENDERS,
        OLD.deadlines[0],
        PARTIAL.deadlines[0],
    )


def test_a_partial_change_is_laid_over_what_it_changes() -> None:
    now = applied(OLD, PARTIAL)
    assert [(one.kind, one.day.day) for one in now.deadlines] == [
        (DeadlineKind.QUESTIONS, 10),
        (DeadlineKind.TENDERS, 29),
    ]
    assert (now.title, now.lots) == (OLD.title, OLD.lots)
    assert standing([PARTIAL, OLD]) == [now]
    assert what_changed(OLD, PARTIAL) == what_changed(OLD, now)


def test_a_change_of_the_time_limit_is_of_the_one_that_there_is() -> None:
    """In the older forms the limits for tenders and for requests are one field."""
    requests = replace(OLD, deadlines=(due(18, kind=DeadlineKind.REQUESTS),))
    (change,) = what_changed(requests, PARTIAL)
    assert change.deadline is DeadlineKind.REQUESTS
    (deadline,) = applied(requests, PARTIAL).deadlines
    assert (deadline.kind, deadline.day.day) == (DeadlineKind.REQUESTS, 29)
    both = replace(OLD, deadlines=(due(18), due(5, kind=DeadlineKind.REQUESTS)))
    assert [one.day.day for one in applied(both, PARTIAL).deadlines] == [5, 29]
    (new,) = what_changed(replace(OLD, deadlines=()), PARTIAL)
    assert (new.deadline, new.old) == (DeadlineKind.TENDERS, None)


def test_what_stands_is_the_last_of_each_kind() -> None:
    result = replace(
        CALL, kind=NoticeKind.RESULT, about=NoticeKind.RESULT, dispatched=date(2027, 3, 1)
    )
    again = replace(result, version=2, total=Money(5, "SEK"))
    assert standing([again, CHANGE, result, CALL]) == [CHANGE, again]
    assert standing([]) == []


def test_the_first_deadline_is_the_one_to_hand_in_by() -> None:
    notice = replace(
        CALL,
        deadlines=(
            due(5, kind=DeadlineKind.QUESTIONS),
            due(20, "LOT-0001"),
            due(19, "LOT-0002"),
            due(4, kind=DeadlineKind.OPENING),
        ),
    )
    assert notice.deadline is not None and notice.deadline.day.day == 19


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),
    st.integers(-12, 14).map(lambda hours: timedelta(hours=hours)),
)
def test_an_alarm_is_never_later_than_either_reading(wall: datetime, offset: timedelta) -> None:
    stated = wall.replace(tzinfo=UTC) - offset
    deadline = Deadline(DeadlineKind.TENDERS, wall.date(), wall, stated.astimezone(STOCKHOLM), "")
    written = wall.replace(tzinfo=STOCKHOLM)
    assert deadline.earliest.astimezone(UTC) <= stated
    assert deadline.earliest.astimezone(UTC) <= written.astimezone(UTC)


def test_words_in_the_readers_language() -> None:
    words = Words((("fi", "Pöydät"), ("sv", "Bord")))
    assert (words.best("en", "sv"), words.best("en"), str(words)) == ("Bord", "Pöydät", "Bord")
    assert (str(Words()), bool(Words())) == ("", False)


def test_an_award_is_signed_when_its_first_contract_is() -> None:
    contracts = (Contract("1"), Contract("2", signed=date(2027, 3, 2)), Contract("3", signed=date(2027, 3, 1)))  # fmt: skip
    award = Award("T", (), AwardStatus.AWARDED, contracts=contracts)
    assert (award.signed, award.decided) == (date(2027, 3, 1), None)


U = LengthUnit


@pytest.mark.parametrize(
    "period,last",
    [
        (Period(end=date(2029, 6, 30)), date(2029, 6, 30)),
        (Period(date(2020, 9, 1), length=36, unit=U.MONTH), date(2023, 8, 31)),
        (Period(date(2027, 1, 31), length=1, unit=U.MONTH), date(2027, 2, 28)),
        (Period(date(2024, 2, 29), length=1, unit=U.YEAR), date(2025, 2, 28)),
        (Period(date(2027, 3, 1), length=2, unit=U.WEEK), date(2027, 3, 14)),
        (Period(date(2027, 3, 1), length=90, unit=U.DAY), date(2027, 5, 29)),
        (Period(length=24, unit=U.MONTH), None),
        (Period(date(2027, 3, 1)), None),
        (Period(date(2027, 3, 1), unlimited=True), None),
        (Period(date(2027, 3, 1), length=999_999_999, unit=U.YEAR), None),
        (Period(date(2027, 3, 1), length=999_999_999, unit=U.DAY), None),
    ],
)
def test_the_last_day_of_a_contract(period: Period, last: date | None) -> None:
    assert period.last_day == last


def test_an_award_runs_as_its_contract_or_as_its_lots_do() -> None:
    one, two = Period(end=date(2028, 1, 1)), Period(end=date(2029, 1, 1))
    notice = replace(CALL, lots=(Lot("A", period=one), Lot("B", period=two), Lot("C", period=one), Lot("D")))  # fmt: skip

    def of(*lots: str, contract: Period | None = None) -> Period | None:
        contracts = (Contract("1", period=contract), Contract("2"))
        return period_of(notice, Award("T", lots, AwardStatus.AWARDED, contracts=contracts))

    assert (of("A"), of("A", "C"), of("A", contract=two)) == (one, one, two)
    assert of("A", "B") is of("A", "D") is of("X") is of() is None
    assert (
        period_of(replace(notice, lots=notice.lots[:1]), Award("T", (), AwardStatus.AWARDED)) == one
    )


@pytest.mark.parametrize(
    "basis,law",
    [("32014L0024", "LOU"), ("32014l0025", "LUF"), ("32014L0023", "LUK"), ("32009L0081", "LUFS"), ("other", None), (None, None)],
)  # fmt: skip
def test_the_act_by_the_directive(basis: str | None, law: str | None) -> None:
    assert replace(CALL, legal_basis=basis).law == law


# --- Who the buyer is ---

BODIES = Register(
    [
        KnownBody(1, ("Stockholms kommun", "Stockholms stad"), "2120000142"),
        KnownBody(2, ("Åre kommun",), "2120002502"),
        KnownBody(3, ("Region Jämtland Härjedalen",), "2321000214"),
        KnownBody(4, ("Åre bostäder AB",)),
    ]
)


def buyer(name: str, number: str | None = None, *units: str) -> Party:
    return Party(sv(name), number, units=units)


@pytest.mark.parametrize(
    "party,expected",
    [
        (buyer("Åre kommun", "2120002502"), BuyerMatch(2, Sameness.ORG_NUMBER)),
        (buyer("ÅRE KOMMUN", "2120002502"), BuyerMatch(2, Sameness.ORG_NUMBER)),
        (
            buyer("Stockholms stad", "2120000142", "Upphandlingsenheten"),
            BuyerMatch(1, Sameness.ORG_NUMBER, units=("Upphandlingsenheten",)),
        ),
        (
            buyer("Södermalms stadsdelsförvaltning", "2120000142"),
            BuyerMatch(1, Sameness.ORG_NUMBER, units=("Södermalms stadsdelsförvaltning",)),
        ),
        (buyer("Åre kommun"), BuyerMatch(None, Sameness.NAME, (2,))),
        (buyer("Are kommun"), BuyerMatch(None, Sameness.NAME, (2,))),
        # another number is another legal person, whatever its name
        (buyer("Åre kommun", "5560250051"), BuyerMatch()),
        (buyer("Åre Bostäder Aktiebolag", "5560250051"), BuyerMatch(None, Sameness.NAME, (4,))),
        (buyer("Krokoms kommun"), BuyerMatch()),
        (Party(Words()), BuyerMatch()),
    ],
)
def test_a_buyer_by_its_number_and_then_its_name(party: Party, expected: BuyerMatch) -> None:
    assert BODIES.match(party) == expected


def test_a_name_in_any_of_its_languages() -> None:
    party = Party(Words((("en", "Region of Jamtland"), ("sv", "Region Jämtland Härjedalen"))))
    assert BODIES.match(party).proposals == (3,)
