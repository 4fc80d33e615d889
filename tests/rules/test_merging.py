"""Which value is proposed when two records become one, and what may not be merged (A9)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.merging import Node, Refusal, Side, Value, joined, proposed, refusal

OLD, NEW = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "kept,gone,side",
    [
        (Value("a"), Value(""), Side.KEPT),
        (Value(""), Value("b"), Side.GONE),
        (Value(None), Value("b"), Side.GONE),
        (Value("a", OLD), Value("b", NEW), Side.GONE),
        (Value("a", NEW), Value("b", OLD), Side.KEPT),
        (Value("a"), Value("b", OLD), Side.GONE),
        (Value("a", OLD), Value("b"), Side.KEPT),
        (Value("a"), Value("b"), Side.KEPT),
        (Value("a", OLD), Value("a", NEW), Side.KEPT),
    ],
)
def test_what_is_there_and_then_what_is_later(kept: Value, gone: Value, side: Side) -> None:
    assert proposed(kept, gone) is side


def test_of_two_texts_both() -> None:
    assert proposed(Value("a", OLD), Value("b", NEW), is_text=True) is Side.BOTH
    assert proposed(Value("a", OLD), Value("", NEW), is_text=True) is Side.KEPT


@given(st.text(), st.text())
def test_no_word_of_two_texts_is_lost_or_said_twice(one: str, other: str) -> None:
    both = joined(one, other)
    assert one.strip() in both and other.strip() in both
    assert joined(both, other) == both


@pytest.mark.parametrize(
    "kept,gone,is_takeover,expected",
    [
        (Node(1, "/1/"), Node(2, "/2/"), False, None),
        (Node(1, "/1/"), Node(1, "/1/"), False, Refusal.ITSELF),
        (Node(2, "/1/2/"), Node(1, "/1/"), False, Refusal.ABOVE),
        (Node(1, "/1/"), Node(2, "/1/2/"), False, None),
        (Node(12, "/12/"), Node(1, "/1/"), False, None),
        (Node(1, "/1/", is_closed=True), Node(2, "/2/"), False, Refusal.CLOSED),
        (Node(1, "/1/"), Node(2, "/2/", is_closed=True), False, None),
        (Node(1, "/1/"), Node(2, "/2/", is_merged=True), False, Refusal.MERGED),
        (
            Node(1, "/1/", is_official=True),
            Node(2, "/2/", is_official=True),
            False,
            Refusal.OFFICIAL,
        ),
        (Node(1, "/1/", is_official=True), Node(2, "/2/", is_official=True), True, None),
        (Node(1, "/1/", is_official=True), Node(2, "/2/"), False, None),
    ],
)
def test_what_may_not_be_merged(
    kept: Node, gone: Node, is_takeover: bool, expected: Refusal | None
) -> None:
    assert refusal(kept, gone, is_takeover=is_takeover) is expected
