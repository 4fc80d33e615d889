"""The command `forankra`, as typed in a terminal."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crm.cli import main

pytestmark = pytest.mark.one_database


@pytest.fixture
def forankra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """`forankra("init", "--admin", …)` in a data folder of its own."""
    monkeypatch.setenv("FORANKRA_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def run(*words: str, **options: Any) -> Result:
        return CliRunner().invoke(main, words, **options)

    return run


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
    ],
)
def test_bad_words_end_in_a_sentence(
    forankra: Callable[..., Result], words: tuple[str, ...]
) -> None:
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


def test_the_demonstration_is_for_this_machine_only(forankra: Callable[..., Result]) -> None:
    answer = forankra("demo", "--host", "0.0.0.0")
    assert answer.exit_code == 1
    assert "this machine only" in answer.output


@pytest.mark.parametrize("words", [("--help",), ("users", "--help"), ("users", "invite", "--help")])
def test_help_needs_no_database(forankra: Callable[..., Result], words: tuple[str, ...]) -> None:
    assert forankra(*words).exit_code == 0
