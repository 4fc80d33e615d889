"""How often one sender may ask for what is open to anyone. Kept by each process, in memory.

It spares the machine; what keeps a secret address secret is its length.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

_SENDERS = 10_000


class Throttle:
    """At most `most` requests from one sender in `window`, counted from its first."""

    def __init__(self, most: int, window: timedelta) -> None:
        self.most, self.window = most, window
        self._counted: dict[str, tuple[datetime, int]] = {}
        self._lock = Lock()

    def allows(self, sender: str, now: datetime) -> bool:
        """Count a request, and say whether it is within the limit."""
        with self._lock:
            began, number = self._counted.get(sender, (now, 0))
            if now - began >= self.window:
                began, number = now, 0
            if len(self._counted) >= _SENDERS and sender not in self._counted:
                self._forget(lambda since: now - since >= self.window)
            self._counted[sender] = began, number + 1
            return number < self.most

    def _forget(self, is_old: Callable[[datetime], bool]) -> None:
        """Those whose window is over; all, if everybody is new at once."""
        self._counted = {one: held for one, held in self._counted.items() if not is_old(held[0])}
        if len(self._counted) >= _SENDERS:
            self._counted.clear()
