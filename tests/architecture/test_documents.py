"""What the documents promise is what there is."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture import expect_none

ROOT = Path(__file__).resolve().parents[2]
FEATURES = ROOT / "crm" / "docs" / "features.md"
ROWS_OF = {
    "A": 12,
    "B": 10,
    "C": 11,
    "D": 15,
    "E": 14,
    "F": 8,
    "G": 6,
    "H": 11,
    "I": 10,
    "J": 6,
    "K": 12,
    "L": 8,
    "M": 9,
}
"""How many rows each part of the feature list has: 132 in all."""

ROW = re.compile(r"^\|\s*\**([A-M]\d+)\b[^|]*\|(.*)\|\s*$", re.MULTILINE)
TEST = re.compile(r"tests/[\w/]+\.py(?:::\w+)*")


def rows() -> dict[str, str]:
    found = ROW.findall(FEATURES.read_text(encoding="utf-8"))
    assert len(found) == len(dict(found)), "a row is listed twice"
    return dict(found)


def test_all_rows_are_listed() -> None:
    expected = {f"{part}{n}" for part, last in ROWS_OF.items() for n in range(1, last + 1)}
    assert set(rows()) == expected


def require_tests(row: str, text: str) -> None:
    """Fail unless every test that the text names exists."""
    for name in TEST.findall(text):
        file, _, function = name.partition("::")
        assert (ROOT / file).is_file(), f"{row}: there is no {file}"
        if function:
            tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
            defined = {
                node.name
                for node in ast.walk(tree)
                if isinstance(node, ast.FunctionDef | ast.ClassDef)
            }
            missing = set(function.split("::")) - defined
            assert not missing, f"{row}: there is no {name}"


def test_every_test_that_is_named_exists() -> None:
    for row, text in rows().items():
        require_tests(row, text)


def test_what_is_done_is_shown_by_a_test() -> None:
    unproven = [row for row, text in rows().items() if "| done |" in text and not TEST.search(text)]
    expect_none(unproven)


def commands_in_the_readme() -> list[str]:
    blocks = re.findall(
        r"```sh\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )
    return [line.split("  #")[0].strip() for block in blocks for line in block.splitlines()]


def test_ci_runs_what_the_readme_says() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for command in commands_in_the_readme():
        if "pytest" in command:
            assert command in ci
            break
    else:
        pytest.fail("the README has no test command")


def test_the_readme_starts_the_demo_and_the_tests_in_two_commands() -> None:
    first, second = commands_in_the_readme()[:2]
    assert first.endswith("uv run forankra demo")
    assert second.endswith("uv run --group test pytest -n auto")


def test_every_decision_has_a_number_of_its_own() -> None:
    files = sorted((ROOT / "crm" / "docs" / "decisions").glob("*.md"))
    numbers = [int(file.name.split("-")[0]) for file in files]
    assert numbers == list(range(1, len(files) + 1))
    for number, file in zip(numbers, files, strict=True):
        assert file.read_text(encoding="utf-8").startswith(f"# {number}. "), file.name


CLAIMS = ROOT / "crm" / "docs" / "claims.md"
CLAIM = re.compile(r"^\|\s*(S\d+)\s*\|[^|]*\|[^|]*\|\s*(\w+)\s*\|([^|]*)\|", re.MULTILINE)


def test_every_claim_is_answered() -> None:
    """All 32, each with tests that exist, or said to come later."""
    found = CLAIM.findall(CLAIMS.read_text(encoding="utf-8"))
    assert [claim for claim, _state, _tests in found] == [f"S{n}" for n in range(1, 33)]
    for claim, state, tests in found:
        assert state in {"shown", "part", "later"}, claim
        assert (state == "later") is not bool(TEST.search(tests)), claim
        require_tests(claim, tests)
