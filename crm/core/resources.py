"""Where our files lie: beside the package in a checkout, inside it in an installed wheel."""

import hashlib
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_BUNDLED = _PACKAGE / "_bundled"

ROOT = _BUNDLED if _BUNDLED.is_dir() else _PACKAGE.parent
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"
MIGRATIONS = ROOT / "migrations"
TRANSLATIONS = _PACKAGE / "translations"


def static_version() -> str:
    """A hash of every static file, put into their address so that browsers may keep them for ever.

    Read once, when the app is made.
    """
    digest = hashlib.sha256()
    for file in sorted(STATIC.rglob("*")):
        if file.is_file() and file.suffix != ".gz":
            name = file.relative_to(STATIC).as_posix()
            digest.update(name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:8]
