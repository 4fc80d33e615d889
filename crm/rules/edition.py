"""Which edition of the rules this is: a mark that changes whenever a rule or its data does.

What was worked out by an older edition is not trusted; the planner then works it out again.
"""

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable


@lru_cache(maxsize=1)
def edition() -> str:
    """A digest of every file of the rulebook, and of the holidays it reads."""
    digest = hashlib.sha256(version("holidays").encode())
    for file in _files(files("crm.rules")):
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _files(folder: Traversable) -> Iterator[Traversable]:
    """Every file of a folder and of those in it, in the order of their names; no bytecode."""
    for one in sorted(folder.iterdir(), key=lambda one: one.name):
        if one.is_file():
            yield one
        elif one.name != "__pycache__":
            yield from _files(one)
