"""Every page of the program in a browser: both languages, both themes, desk and phone.

Each page is loaded once per language and looked at four times: light and dark at a desk, then on a
phone. All faults of a walk are told at once.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.pages.conftest import NO_PAGE, Site
from tests.support.browsers import Axe, overflow
from tests.support.pages import faults_of
from tests.support.world import routes

pytestmark = pytest.mark.slow

DESK = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TARGET = 44  # CSS pixels, on the pages meant for a thumb (M5)
LEAST_TARGET = 24  # everywhere (WCAG 2.5.8)
FOR_A_THUMB = {"overview.today", "interest.log"}
ANSWERS = {
    "a page that is not there": 404,
    "reminders.new": 404,  # asks for an organisation in its address
    "activities.edit": 403,  # only its writer may
}
IN_ENGLISH = {
    "organisations.load_register",  # names the sources as their publishers do
    "overview.doctrine",  # shows the keys of the rules
}
SMALL_TARGETS = """(TARGET) => {
  const wanted = 'a[href], button, input:not([type=hidden]), select, textarea, summary';
  const small = [];
  for (const element of document.querySelectorAll(wanted)) {
    if (element.closest('svg, dialog:not([open]), .visually-hidden, .skip-link, [hidden]')) continue;
    if (element.closest('details:not([open])') && !element.matches('summary')) continue;
    if (!element.checkVisibility()) continue;
    let area = element;
    if (element.matches('input[type=checkbox], input[type=radio], input[type=file]'))
      area = element.closest('label, .form-check, .choice') ?? element;
    const box = area.getBoundingClientRect();
    if (box.width === 0 || box.height === 0) continue;
    // Text in a line is exempt (WCAG 2.5.8); what stands alone as a control is not.
    const style = getComputedStyle(element);
    if (element.matches('a') && style.display === 'inline') continue;
    if (box.height < TARGET - 0.5 || (box.width < TARGET - 0.5 && element.matches('a, button, summary')))
      small.push(`${Math.round(box.width)}×${Math.round(box.height)} ${element.outerHTML.slice(0, 110)}`);
  }
  return small;
}"""

ENGLISH = re.compile(
    r"\b(the|and|with|from|this|that|your|you|nothing|save|cancel|edit|remove|delete|add|search|"
    r"show|choose|write|none|next|previous|yes|not|for|until|since|of|is|are|was|by)\b",
    re.IGNORECASE,
)
BODY_WORDS = """() => {
  const copy = document.body.cloneNode(true);
  for (const part of copy.querySelectorAll('[lang], script, style')) part.remove();
  return copy.textContent.replace(/\\s+/g, ' ');
}"""
FOREIGN_NAMES = re.compile(
    # Bodies of the register and products whose names are English.
    r"Business Sweden|Visit \w+|Bygdegården|Science Park|\bof Sweden\b",
    re.IGNORECASE,
)


def axe_faults(page: Any, **options: Any) -> list[str]:
    found = Axe().run(page, options=options)
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


def look(page: Any, name: str, address: str) -> Iterator[str]:
    """Everything wrong with one page."""
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    response = page.goto(address)
    if response.status != ANSWERS.get(name, 200):
        yield f"answers {response.status}"
        return
    html = response.text()
    yield from faults_of(html)
    if name not in IN_ENGLISH:
        yield from words(page)
    yield from (
        f"axe, light: {f}" for f in axe_faults(page, runOnly={"type": "tag", "values": TAGS})
    )
    if wide := overflow(page):
        yield f"{wide} px wider than a desk"
    page.emulate_media(color_scheme="dark")
    contrast = {"type": "rule", "values": ["color-contrast"]}
    yield from (f"axe, dark: {f}" for f in axe_faults(page, runOnly=contrast))
    page.set_viewport_size(PHONE)
    if wide := overflow(page):
        yield f"{wide} px wider than a phone: {too_wide(page)}"
    least = TARGET if name in FOR_A_THUMB else LEAST_TARGET
    yield from (f"small target {t}" for t in page.evaluate(SMALL_TARGETS, least))
    yield from (
        f"axe, phone: {f}" for f in axe_faults(page, runOnly={"type": "tag", "values": TAGS})
    )


def too_wide(page: Any) -> list[str]:
    """Which elements stick out."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('main *')]
          .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
          .map((e) => e.outerHTML.slice(0, 90)).slice(0, 3)"""
    )
    return found


def words(page: Any) -> Iterator[str]:
    """English on a Swedish page. The other way round, most of what stands there is data."""
    if page.evaluate("document.documentElement.lang") == "sv":
        text = FOREIGN_NAMES.sub("", page.evaluate(BODY_WORDS))
        for match in ENGLISH.finditer(text):
            yield f"English? …{text[max(0, match.start() - 30) : match.end() + 30]}…"


def walk(page: Any, pages: dict[str, str]) -> list[str]:
    faults = []
    for name, address in pages.items():
        for fault in dict.fromkeys(look(page, name, address)):
            faults.append(f"{name} {address}: {fault}")
    return faults


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("half", [0, 1])
def test_every_page(site: Site, visitor: Any, language: str, half: int) -> None:
    pages = dict(list(site.pages().items())[half::2])
    faults = walk(visitor(language), pages)
    assert faults == [], "\n".join(["", *faults])


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_door(site: Site, visitor: Any, language: str) -> None:
    page = visitor(None)
    page.context.add_cookies([{"name": "language", "value": language, "url": site.live.url}])
    faults = walk(page, site.doors())
    assert faults == [], "\n".join(["", *faults])


def test_no_exemption_has_outlived_its_route(site: Site) -> None:
    known = {rule.endpoint for rule in routes(site.live.app, "GET")}
    assert set(NO_PAGE) <= known
