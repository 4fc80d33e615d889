"""The command `forankra`, as typed in a terminal."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crm.cli import main, program
from tests.support.clients import make_client

pytestmark = pytest.mark.one_database


@pytest.fixture
def forankra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """`forankra("init", "--admin", …)` in a data folder of its own."""
    monkeypatch.setenv("FORANKRA_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def run(*words: str, **options: Any) -> Result:
        return CliRunner().invoke(main, words, **options)

    return run


@pytest.fixture(scope="module")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of an installation that has been set up."""
    folder = tmp_path_factory.mktemp("installation")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORANKRA_DATA", str(folder))
        assert CliRunner().invoke(main, ["init", "--admin", "chef@example.se"]).exit_code == 0
    return folder


def test_an_installation_is_set_up_with_a_way_in_and_no_password(
    forankra: Callable[..., Result],
) -> None:
    first = forankra("init", "--admin", "chef@example.se")
    assert first.exit_code == 0, first.output
    assert "/invitation/" in first.output
    assert "25 added" in first.output
    again = forankra("init", "--admin", "chef@example.se")
    assert again.exit_code == 0
    assert "0 added" in again.output


def test_an_upgrade_asks_for_nobody(forankra: Callable[..., Result]) -> None:
    asked = forankra("init", input="inte en adress\nchef@example.se\n")
    assert asked.exit_code == 0, asked.output
    link = asked.output.split("/invitation/")[1].split()[0]
    with program() as app:
        client = make_client(app)
        there = f"/invitation/{link}"
        sent = {"name": "Chef", "password": "tre kloka kor dansar"}
        assert client.post(there, data=sent).status_code == 303
    again = forankra("init", input="")
    assert again.exit_code == 0, again.output
    assert "e-mail" not in again.output


def test_without_a_terminal_it_says_how_to_go_on(forankra: Callable[..., Result]) -> None:
    answer = forankra("init", input="")
    assert answer.exit_code == 1
    assert "forankra init --admin EMAIL" in answer.output
    assert "The tables are made" in answer.output
    assert "Aborted" not in answer.output


@pytest.mark.parametrize(
    ("words", "own", "address"),
    [
        (["--port", "5078"], "", "http://127.0.0.1:5078"),
        (["--host", "0.0.0.0"], "", "http://127.0.0.1:5000"),
        (["--host", "::1"], "", "http://[::1]:5000"),
        (["--port", "5078"], "https://crm.example.se", "https://crm.example.se"),
    ],
)
def test_the_address_that_is_told_is_the_one_that_answers(
    set_up: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], own: str, address: str
) -> None:
    served: list[str] = []
    monkeypatch.setattr(
        "crm.server.serve", lambda settings, *_, **__: served.append(settings.base_url)
    )
    monkeypatch.setenv("FORANKRA_DATA", str(set_up))
    if own:
        monkeypatch.setenv("FORANKRA_BASE_URL", own)
    else:
        monkeypatch.delenv("FORANKRA_BASE_URL", raising=False)
    answer = CliRunner().invoke(main, ["run", *words])
    assert f"answers at {address} " in answer.output
    assert served == [address]  # what links in mail begin with


def test_an_address_that_is_taken_is_told_in_a_sentence(forankra: Callable[..., Result]) -> None:
    assert forankra("init", "--admin", "chef@example.se").exit_code == 0
    assert forankra("users", "invite", "ny@example.se").exit_code == 0
    again = forankra("users", "invite", "ny@example.se")
    assert again.exit_code == 1
    assert "redan inbjuden" in again.output


def test_a_command_before_init_says_what_to_do(forankra: Callable[..., Result]) -> None:
    answer = forankra("users", "invite", "ny@example.se")
    assert answer.exit_code != 0
    assert "forankra init" in answer.output
    assert "Traceback" not in answer.output


@pytest.mark.parametrize(
    "words",
    [
        ("init", "--admin", "inte en adress"),
        ("run", "--port", "0"),
        ("run", "--workers", "many"),
        ("nonsense",),
        ("init", "--admin"),
        ("users",),
        ("users", "invite"),
        ("users", "invite", "inte en adress"),
        ("users", "invite", "a@example.se", "--role", "kung"),
        ("users", "reset", "\x00"),
        ("register", "load", "more"),
        ("register", "import-schools", "finns-inte.csv"),
        ("register", "import-schools", "."),
        ("demo", "--port", "99999"),
        ("scheduler", "now"),
    ],
)
def test_bad_words_end_in_a_sentence(
    forankra: Callable[..., Result],
    set_up: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
) -> None:
    monkeypatch.setenv("FORANKRA_DATA", str(set_up))
    answer = forankra(*words)
    assert answer.exit_code == 2
    assert answer.output.strip()
    assert "Traceback" not in answer.output


def test_a_bad_setting_is_named(
    forankra: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://somewhere/else")
    answer = forankra("run")
    assert answer.exit_code == 1
    assert "DATABASE_URL" in answer.output


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing"),
        ("DATABASE_URL", "postgresql://host:port/x"),
        ("DATABASE_URL", "sqlite:////no/such/folder/x.sqlite3"),
        ("DATABASE_URL", "sqlite:////dev/null/x"),
        ("FORANKRA_DATA", "/dev/null/data"),
        ("FORANKRA_SMTP_URL", "smtp://["),
        ("FORANKRA_BASE_URL", "x"),
        ("FORANKRA_PROXY_HOPS", "-3"),
    ],
)
@pytest.mark.parametrize(
    "words",
    [("init", "--admin", "a@example.se"), ("run",), ("scheduler",), ("users", "reset", "a@b.se")],
)
def test_what_is_wrong_around_it_is_told_in_a_sentence(
    forankra: Callable[..., Result],
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    name: str,
    value: str,
) -> None:
    monkeypatch.setenv(name, value)
    answer = forankra(*words)
    assert answer.exit_code == 1, answer.output
    assert answer.output.startswith("Error: ")
    assert isinstance(answer.exception, SystemExit), "an error of its own would be a trace"


def test_the_demonstration_is_for_this_machine_only(forankra: Callable[..., Result]) -> None:
    answer = forankra("demo", "--host", "0.0.0.0")
    assert answer.exit_code == 1
    assert "this machine only" in answer.output


@pytest.mark.parametrize("words", [("--help",), ("users", "--help"), ("users", "invite", "--help")])
def test_help_needs_no_database(forankra: Callable[..., Result], words: tuple[str, ...]) -> None:
    assert forankra(*words).exit_code == 0
