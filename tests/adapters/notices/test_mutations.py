"""Whatever becomes of a notice on its way: an answer for each file, and never a fault of ours."""

import json
import random
import re
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crm.adapters.notices.problems import Limits, NoticeProblem
from crm.adapters.notices.upload import read_upload
from crm.rules.notices import identity, in_order, procurement_keys, standing, what_changed
from tests.adapters.notices import builders as make
from tests.adapters.notices.table import table

SAMPLES = sorted(
    path
    for path in (Path(__file__).parent / "samples").iterdir()
    if path.suffix in {".xml", ".json"}
)
LIMITS = Limits(file_bytes=500_000)
ODD = (
    "", " ", "-1", "unpublished", "1970-01-01Z", "2027-02-30", "9999-12-31+14:00", "0001-01-01-14:00",
    "24:00:00", "99:99", "12:00:00+99:99", "1e999999", "-0", "١٢٣", "0x10", "ORG-0001", "TEN-0001",
    "99999999999999999999999999", "a" * 3_000, "\u202e", "2026-11-20+01:00", "00000000-2026", "1,5", "1.5.5",
)  # fmt: skip
patient = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def holds(content: bytes) -> None:
    """Every file has notices or a reason that was foreseen, and all that is asked of them works."""
    for result in read_upload("x", BytesIO(content), LIMITS):
        assert result.problem is not NoticeProblem.UNFORESEEN
        assert bool(result.notices) is (result.problem is None)
        for notice in result.notices:
            table(notice)
            identity(notice)
            procurement_keys(notice)
            assert notice.deadline is None or notice.deadline.earliest.tzinfo
            for award in notice.awards:
                assert award.value is None or award.value.ore >= 0
        for earlier, later in zip(result.notices, result.notices[1:], strict=False):
            what_changed(earlier, later)
        assert len(standing(result.notices)) <= len(in_order(result.notices))


@pytest.mark.slow
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
@given(data=st.data())
@patient
def test_cut_off_or_with_other_bytes(path: Path, data: st.DataObject) -> None:
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    for _ in range(data.draw(st.integers(0, 5))):
        if content:
            at = data.draw(st.integers(0, len(content) - 1))
            content[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    holds(bytes(content))


@pytest.mark.slow
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
@given(seed=st.integers(0, 2**32), share=st.sampled_from([0.01, 0.1, 0.5]))
@patient
def test_with_odd_values_in_any_place(path: Path, seed: int, share: float) -> None:
    """The form stays right, so that it is the values that are looked at and not the syntax."""
    chance = random.Random(seed)
    text = path.read_text(encoding="utf-8")

    def odd(found: re.Match[str]) -> str:
        return found.group(1) + (chance.choice(ODD) if chance.random() < share else found.group(2))

    if path.suffix == ".json":
        holds(json.dumps(shaken(json.loads(text), chance, share)).encode())
    else:
        text = re.sub(r"(>)([^<>]+)(?=<)", odd, text)
        holds(re.sub(r'( (?!xmlns)\w+=")([^"]*)', odd, text).encode())


def shaken(value: object, chance: random.Random, share: float) -> object:
    if chance.random() < share / 5:
        return chance.choice([None, True, -1, 1e300, "", [], {}, *ODD])
    if isinstance(value, dict):
        return {key: shaken(one, chance, share) for key, one in value.items()}
    if isinstance(value, list):
        return [shaken(one, chance, share) for one in value]
    return value


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", [path for path in SAMPLES if path.suffix == ".xml"], ids=lambda path: path.stem
)
@given(seed=st.integers(0, 2**32), share=st.sampled_from([0.01, 0.05, 0.3]))
@patient
def test_with_elements_lost_renamed_or_twice(path: Path, seed: int, share: float) -> None:
    chance = random.Random(seed)
    text = path.read_text(encoding="utf-8")

    def changed(found: re.Match[str]) -> str:
        if chance.random() >= share:
            return found.group(0)
        return chance.choice(
            ["", found.group(0) * 2, re.sub(r"\w+(?=[ >])", "Other", found.group(0))]
        )

    holds(re.sub(r"<([\w:]+)(?: [^<>]*)?>[^<>]*</\1>", changed, text).encode())


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
@example("2027-03-28", "02:30:00", "-1")  # an hour that does not exist in Stockholm
@example("2026-10-25", "02:30:00", "0")  # and one that is there twice
@settings(deadline=None)
def test_any_text_as_day_time_and_amount(day: str, clock: str, amount: str) -> None:
    def safe(text: str) -> str:
        kept = "".join(sign for sign in text if sign.isprintable())
        return kept.replace("&", "").replace("<", "").replace(">", "")

    money = (
        '<cac:RequestedTenderTotal><cbc:EstimatedOverallContractAmount currencyID="SEK">'
        f"{safe(amount)}</cbc:EstimatedOverallContractAmount></cac:RequestedTenderTotal>"
    )
    holds(make.eforms(make.lot(make.tenders_due(safe(day), safe(clock)), money)))


ZIPPED = BytesIO()
with zipfile.ZipFile(ZIPPED, "w", zipfile.ZIP_DEFLATED) as archive:
    for name in ("a.xml", "b/ö.xml"):
        archive.writestr(name, make.eforms(make.lot()))


@pytest.mark.slow
@given(data=st.data())
@settings(patient, max_examples=300)
def test_a_damaged_archive(data: st.DataObject) -> None:
    content = bytearray(ZIPPED.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        # the directory and its end are where a reader is led astray, so most of the damage is there
        low = data.draw(st.sampled_from([0, max(0, len(content) - 200)]))
        at = data.draw(st.integers(low, max(low, len(content) - 1)))
        content[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    holds(bytes(content))


@given(st.binary(max_size=200))
@example(b"PK\x03\x04")
@example(b"PK\x05\x06" + b"\x00" * 18)
@settings(deadline=None)
def test_any_bytes_at_all(content: bytes) -> None:
    holds(content)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["releases", "ocid", "tag", "date", "tender", "buyer", "parties", "awards", "id", "value", "amount", "currency", "lots", "items"]), inner, max_size=6), max_leaves=25))  # fmt: skip
@settings(deadline=None)
def test_any_json_at_all(value: object) -> None:
    holds(
        json.dumps(
            {"releases": [{"ocid": "x", "tag": [], "tender": value, "awards": [value]}]}
        ).encode()
    )
    holds(json.dumps(value).encode())
