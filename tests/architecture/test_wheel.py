"""A wheel, installed where there is no checkout, is the whole program."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UV = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))

pytestmark = pytest.mark.slow


def run(*words: str, cwd: Path = ROOT, **more: str) -> str:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("FORANKRA_", "DATABASE_", "PYTHON", "VIRTUAL_ENV", "UV_"))
    }
    done = subprocess.run(
        words, cwd=cwd, capture_output=True, text=True, check=False, env={**environment, **more}
    )
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a new environment that holds our wheel and the locked dependencies."""
    folder = tmp_path_factory.mktemp("wheel")
    pins = folder / "pins.txt"
    pins.write_text(run(UV, "export", "--frozen", "--no-emit-project", "--no-hashes", "--quiet"))
    run(UV, "build", "--wheel", "--quiet", "--out-dir", str(folder))
    (wheel,) = folder.glob("*.whl")
    run(UV, "venv", "--quiet", "--python", sys.executable, str(folder / "venv"))
    python = folder / "venv" / "bin" / "python"
    run(UV, "pip", "install", "--quiet", "--python", str(python), "-r", str(pins), str(wheel))
    return python.parent


def test_it_carries_all_it_needs(installed: Path, tmp_path: Path) -> None:
    script = """
from crm.core.resources import MIGRATIONS, STATIC, TEMPLATES, TRANSLATIONS
assert "_bundled" in str(TEMPLATES), TEMPLATES
assert (STATIC / "vendor/bootstrap.css").is_file()
assert (STATIC / "vendor/bootstrap.css.gz").is_file()
assert (STATIC / "css/app.css").is_file()
assert (TRANSLATIONS / "sv/LC_MESSAGES/messages.mo").is_file()
assert (MIGRATIONS / "versions/0001_initial.py").is_file()
assert not (TRANSLATIONS.parent / "assets").exists()
"""
    run(str(installed / "python"), "-c", script, cwd=tmp_path)


def test_it_sets_itself_up_and_serves(installed: Path, tmp_path: Path) -> None:
    own = {"FORANKRA_DATA": str(tmp_path / "data"), "PATH": str(installed)}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    said = run(
        str(installed / "forankra"), "init", "--admin", "anna@example.se", cwd=tmp_path, **own
    )
    assert "http://127.0.0.1:5000/invitation/" in said
    server = subprocess.Popen(
        [str(installed / "forankra"), "run", "--port", str(port)],
        cwd=tmp_path,
        env={"HOME": str(tmp_path), **own},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        page = fetch(f"http://127.0.0.1:{port}/")
        style = re.search(r'href="(/static/[^"]+/vendor/bootstrap\.css)"', page)
        assert '<html lang="sv"' in page
        assert style is not None
        assert "Bootstrap" in fetch(f"http://127.0.0.1:{port}{style[1]}")
    finally:
        server.terminate()
        server.wait(20)


def fetch(url: str, patience: float = 30) -> str:
    """The body at an address of this machine, once somebody answers there."""
    until = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError:
            raise
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
