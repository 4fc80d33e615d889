"""Every page fits a sheet of A4: Chromium shrinks what does not, until nobody can read it."""

import re
from typing import Any

import pytest

from tests.pages.conftest import Site

UPRIGHT, LYING = (595, 842), (842, 595)
"""Points."""

RULER = 200
"""CSS pixels; on paper a pixel is three quarters of a point, unless the page was shrunk."""

LAY_RULER = """(width) => {
  const ruler = document.createElement("a");
  ruler.href = "https://ruler.example/";
  ruler.textContent = "ruler";
  ruler.style.cssText = `display: block; width: ${width}px`;
  document.querySelector("main").prepend(ruler);
}"""

SHEETS = {
    "a body with a story": UPRIGHT,
    "an open case": UPRIGHT,
    "anchoring.page": UPRIGHT,
    "a waiting case": UPRIGHT,
    "overview.today": UPRIGHT,
    "procurements.plan": UPRIGHT,
    "tenders.show": UPRIGHT,
    "records.paper": UPRIGHT,
    "its year": UPRIGHT,
    "reminders.inbox": UPRIGHT,
    "its story": UPRIGHT,
    "integrity.shared": LYING,
    "cases.index": LYING,
    "people.index": LYING,
    "pipeline.by_municipality": LYING,
    "budgets.index": LYING,
}


def sheets(paper: bytes) -> set[tuple[int, int]]:
    """Width and height of the sheets."""
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", paper)
    return {(round(float(wide)), round(float(high))) for wide, high in boxes}


def shrunk_to(paper: bytes) -> float:
    """What the ruler measures on paper: 1 is as it should be."""
    there = paper.index(b"ruler.example")
    thing = paper[paper.rindex(b" obj", 0, there) : there + 200]
    place = re.search(rb"/Rect\s*\[([^\]]+)\]", thing)
    assert place is not None
    left, _bottom, right, _top = (float(part) for part in place[1].split())
    return round((right - left) / (RULER * 0.75), 2)


@pytest.mark.parametrize("name", SHEETS)
def test_the_page_fits_its_sheet(site: Site, visitor: Any, name: str) -> None:
    page = visitor("sv")
    page.goto(site.pages("sv")[name])
    page.evaluate(LAY_RULER, RULER)
    paper = page.pdf(prefer_css_page_size=True)
    assert sheets(paper) == {SHEETS[name]}
    assert shrunk_to(paper) == 1
