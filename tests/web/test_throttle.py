"""How often one sender may ask: counted from its first, forgotten after the window."""

from datetime import UTC, datetime, timedelta

from crm.web import throttle
from crm.web.throttle import Throttle

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_a_sender_has_so_many_in_a_window_and_others_their_own() -> None:
    gate = Throttle(2, MINUTE)
    assert [gate.allows("a", NOW) for _ in range(3)] == [True, True, False]
    assert gate.allows("b", NOW)
    assert not gate.allows("a", NOW + MINUTE - timedelta(seconds=1))
    assert gate.allows("a", NOW + MINUTE)


def test_it_never_remembers_more_senders_than_it_may() -> None:
    gate = Throttle(1, MINUTE)
    for number in range(throttle._SENDERS):
        assert gate.allows(str(number), NOW)
    assert gate.allows("one more", NOW + MINUTE)
    assert len(gate._counted) == 1
