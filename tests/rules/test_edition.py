"""The mark of the rules covers every file of the rulebook, in every folder of it."""

from importlib.resources import files

from crm.rules.edition import _files, edition


def test_every_module_and_every_table_has_a_say() -> None:
    names = [file.name for file in _files(files("crm.rules"))]
    assert {"edition.py", "budget_phases.csv", "standstill.py", "values.py"} <= set(names)
    assert not [name for name in names if name.endswith(".pyc")]
    assert len(edition()) == 64
