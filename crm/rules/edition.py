"""Which edition of the rules this is: a mark that changes whenever a rule or its data does.

What was worked out by an older edition is not trusted; the planner then works it out again.
"""

import hashlib
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files


@lru_cache(maxsize=1)
def edition() -> str:
    """A digest of every file of the rulebook, and of the holidays it reads."""
    digest = hashlib.sha256(version("holidays").encode())
    package = files("crm.rules")
    for folder in (package, package.joinpath("data")):
        for file in sorted(folder.iterdir(), key=lambda one: one.name):
            if file.is_file():
                digest.update(file.name.encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()
