"""Settings: the only reader of the environment. A missing or malformed value stops the start."""

import os
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

from environs import Env, EnvError, validate
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError


class BadSetting(Exception):
    """A setting is missing or malformed; the text names the variable and what to do."""


@dataclass(frozen=True, slots=True)
class Mail:
    """How mail leaves. `host` empty means: keep it in the outbox and show so on the status page."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = field(default="", repr=False)
    starttls: bool = False
    sender: str = "Förankra <forankra@localhost>"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a running program needs to know; handed down, never looked up."""

    database_url: str
    secret_key: str = field(repr=False)
    base_url: str = "http://127.0.0.1:5000"
    data_dir: Path = Path(".forankra")
    mail: Mail = field(default_factory=Mail)
    demo: bool = False  # one-click sign-in with fictional people; loopback only
    testing: bool = False
    own_numbers: tuple[
        str, ...
    ] = ()  # our organisation numbers, ten digits: wins are known by them
    proxy_hops: int = 0  # how many trusted proxies stand in front

    @property
    def secure(self) -> bool:
        """True when users come over https: cookies are then marked Secure."""
        return self.base_url.startswith("https://")

    @classmethod
    def from_env(cls, answers_at: str = "http://127.0.0.1:5000") -> "Settings":
        """Read the environment. Raises BadSetting with the variable's name.

        `answers_at` is where the program is reached when FORANKRA_BASE_URL does not say.
        """
        env = Env()
        try:
            data_dir = Path(env.str("FORANKRA_DATA", ".forankra")).expanduser().absolute()
            url = env.str("DATABASE_URL", "") or f"sqlite:///{data_dir / 'forankra.sqlite3'}"
            return cls(
                database_url=normal_url(url),
                secret_key=env.str("FORANKRA_SECRET_KEY", "") or stored_secret(data_dir),
                base_url=_base_url(env.str("FORANKRA_BASE_URL", answers_at)),
                data_dir=data_dir,
                mail=_mail(env.str("FORANKRA_SMTP_URL", ""), env.str("FORANKRA_MAIL_FROM", "")),
                own_numbers=_own_numbers(env.str("FORANKRA_ORG_NUMBERS", "")),
                proxy_hops=env.int("FORANKRA_PROXY_HOPS", 0, validate=validate.Range(0, 9)),
            )
        except EnvError as error:
            raise BadSetting(str(error)) from error


def _own_numbers(text: str) -> tuple[str, ...]:
    """Organisation numbers with a comma or a blank between them."""
    numbers = [one.replace("-", "") for one in text.replace(",", " ").split()]
    if not all(one.isascii() and one.isdecimal() and len(one) == 10 for one in numbers):
        raise BadSetting("FORANKRA_ORG_NUMBERS must be organisation numbers: 556012-3456, …")
    return tuple(numbers)


def normal_url(url: str) -> str:
    """A database address with the driver we ship; refuses other databases."""
    scheme, _, rest = url.partition("://")
    if scheme in {"postgres", "postgresql", "postgresql+psycopg"} and rest:
        url, scheme = f"postgresql+psycopg://{rest}", "postgresql"
    if scheme in {"postgresql", "sqlite"} and rest:
        try:
            make_url(url)
        except (ArgumentError, ValueError) as error:
            raise BadSetting("DATABASE_URL cannot be read: is the port a number?") from error
        return url
    raise BadSetting(
        "DATABASE_URL must start with sqlite:/// or postgresql:// (found "
        f"{scheme or 'nothing'}://…)."
    )


def _base_url(text: str) -> str:
    """The address without the last slash: http or https, and a host."""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable or not text.isprintable() or " " in text:
        raise BadSetting("FORANKRA_BASE_URL must look like https://crm.example.se.")
    return text.rstrip("/")


def stored_secret(data_dir: Path) -> str:
    """The installation's own secret key, made once and readable by its owner only.

    Written whole under another name first, then linked: of two processes that start at once, both
    get the key of whichever was first.
    """
    file = data_dir / "secret-key"
    if not file.is_file():
        data_dir.mkdir(parents=True, exist_ok=True)
        made, name = tempfile.mkstemp(dir=data_dir)  # only its owner may read it
        with os.fdopen(made, "w") as out:
            out.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            os.link(name, file)
        Path(name).unlink()
    key = file.read_text().strip()
    if not key:
        raise BadSetting(f"{file} is empty. Remove it, and a new key is made; all sign in again.")
    return key


def _mail(url: str, sender: str) -> Mail:
    if sender and not (sender.isprintable() and "@" in parseaddr(sender)[1]):
        raise BadSetting("FORANKRA_MAIL_FROM must look like Förankra <crm@example.se>.")
    if not url:
        return Mail(sender=sender or Mail().sender)
    try:
        parts = urlsplit(url)
        port, usable = parts.port or 25, parts.scheme in {"smtp", "smtp+starttls"}
    except ValueError:  # the port, or a bracket left open
        usable = False
    if not usable or not parts.hostname:
        raise BadSetting("FORANKRA_SMTP_URL must look like smtp+starttls://user:password@host:587.")
    return Mail(
        host=parts.hostname,
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=parts.scheme == "smtp+starttls",
        sender=sender or Mail().sender,
    )
