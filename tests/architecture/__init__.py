"""The rules of the house that no linter knows. A breach is a red build, not an argument."""

from collections.abc import Iterable

import pytest


def expect_none(breaches: Iterable[object], advice: str = "") -> None:
    """Fail with every breach on a line of its own, and with what to do instead."""
    lines = [str(breach) for breach in breaches]
    if lines:
        pytest.fail("\n".join([*lines, *([f"→ {advice}"] if advice else [])]), pytrace=False)
