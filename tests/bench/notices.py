"""Reading procurement notices beside the least that it can cost, and whether it grows with their number.

The notices are the samples of the tests, each under a number of its own, in one zip as TED's monthly
packages are used. The limit unpacks the same files and lets libxml2 build its tree of them, without
looking for anything in it. Each size is read in a process of its own, so that its highest memory use
is its own; results are dropped as they come, as an import that stores them would.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from lxml import etree

from crm.adapters.notices.upload import read_upload

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "tests" / "adapters" / "notices" / "samples"
SIZES = (1_000, 4_000)
ROUNDS = 3
CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Figures:
    """What reading so many files took: seconds, of the processor as well, and memory in MiB."""

    files: int
    wall: float
    cpu: float
    before: float
    peak: float


def build(path: Path, count: int) -> int:
    """A zip of so many notices; returns the bytes in them."""
    texts = [file.read_text(encoding="utf-8") for file in sorted(SAMPLES.glob("*.xml"))]
    size = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number, text in enumerate(islice(cycle(texts), count), 1):
            own = re.sub(r'(schemeName="notice-id">)[0-9a-f]{8}', rf"\g<1>{number:08x}", text)
            own = re.sub(r"(ContractFolderID>)[0-9a-f]{8}", rf"\g<1>{number:08x}", own)
            own = re.sub(r"(<NO_DOC_OJS>\d{4}/S \d{3}-)\d{6}", rf"\g<1>{number:06}", own, count=1)
            for before in re.findall(
                r"(?:REF_NOTICE|NOTICE_NUMBER_OJ)[^/]*?(\d{4}/S \d{3}-\d{6})", own
            ):
                own = own.replace(before, f"{before[:11]}{900_000 - number:06}")  # another's award
            archive.writestr(f"{number:06}.xml", own)
            size += len(own.encode())
    return size


def read(path: Path) -> int:
    """Ours: every notice, and none of them refused."""
    count = 0
    with path.open("rb") as stream:
        for result in read_upload(path.name, stream):
            assert result.problem is None
            count += len(result.notices)
    return count


def least(path: Path) -> int:
    """Unpacked, and made a tree of by the library alone."""
    with zipfile.ZipFile(path) as archive:
        for file in archive.infolist():
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            with archive.open(file) as content:
                while chunk := content.read(CHUNK):
                    parser.feed(chunk)
            parser.close()
        return len(archive.infolist())


WAYS: dict[str, Callable[[Path], int]] = {"read": read, "least": least}


def highest() -> float:
    """The most memory that this process has had, in MiB; `ru_maxrss` would be its parent's as well."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _in_this_process(way: str, path: Path) -> Figures:
    before = highest()
    wall, cpu = time.perf_counter(), time.process_time()
    files = WAYS[way](path)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Figures(files, wall, cpu, before, highest())


def _in_another(way: str, path: Path) -> Figures:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.notices", way, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return Figures(**json.loads(done.stdout))


def measure(*, quick: bool = False) -> None:
    """Print the table: both sizes in turn, the best of the rounds, and what four times as many cost."""
    sizes = [size // 10 for size in SIZES] if quick else list(SIZES)
    found: dict[tuple[int, str], list[Figures]] = {}
    with tempfile.TemporaryDirectory() as folder:
        paths = {size: Path(folder) / f"{size}.zip" for size in sizes}
        bytes_of = {size: build(path, size) for size, path in paths.items()}
        for _round in range(ROUNDS):
            for size, path in paths.items():
                for way in WAYS:
                    found.setdefault((size, way), []).append(_in_another(way, path))
    best = {key: min(rounds, key=lambda one: one.wall) for key, rounds in found.items()}
    print("\n### Notices\n")
    print(
        "| Notices | MB unpacked | Seconds (CPU) | Notices/s | The least, s | Ratio (CPU)"
        " | Memory before | Highest |"
    )
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for size in sizes:
        ours, limit = best[size, "read"], best[size, "least"]
        print(
            f"| {size:,} | {bytes_of[size] / 1e6:.0f} | {ours.wall:.2f} ({ours.cpu:.2f}) |"
            f" {size / ours.wall:,.0f} | {limit.wall:.2f} |"
            f" {ours.wall / limit.wall:.1f} ({ours.cpu / limit.cpu:.1f}) |"
            f" {ours.before:.0f} MiB | {ours.peak:.0f} MiB |"
        )
    few, many = (best[size, "read"] for size in sizes)
    print(
        f"\n{sizes[1] // sizes[0]} times as many notices take {many.wall / few.wall:.2f} times as long"
        f" ({many.cpu / few.cpu:.2f} of the processor) and {many.peak / few.peak:.2f} times the memory."
    )


if __name__ == "__main__":
    figures = _in_this_process(sys.argv[1], Path(sys.argv[2]))
    print(json.dumps({name: getattr(figures, name) for name in Figures.__slots__}))
