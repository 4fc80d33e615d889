"""Every page of the program in a browser: both languages, both themes, desk and phone.

Each page is loaded once in each language and looked at twice, so that each pair of language, theme
and width is seen: Swedish by day, English by night. Once more in Swedish it is measured on paper.
Axe, which takes its time, is asked once of each page: of one by day and at the desk, of the next by
night and on the phone. All faults of a walk are told at once.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.pages.conftest import LISTS, NO_PAGE, Site
from tests.support.browsers import overflow, violations
from tests.support.pages import faults_of
from tests.support.world import routes

pytestmark = pytest.mark.slow

DESK = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
LOOKS = {
    "sv": [(DESK, "light"), (PHONE, "light")],
    "en": [(PHONE, "dark"), (DESK, "dark")],
}
"""Axe looks at the first of each; ruler and thumb at both."""
BETWEEN_MARGINS = 680
"""CSS pixels: the 210 mm of an A4 less twice the 15 mm of print.css."""
LYING_DOWN = 1060
"""The same of an A4 on its side, for pages with margins of 8 mm."""
TARGET = 44  # CSS pixels, M5; words in running text are exempt (WCAG 2.5.8), axe holds them to 24
LIST_WEIGHT = 60_000  # bytes of HTML, not compressed; engineering/performance.md
HEAVIER = {"pipeline.by_municipality": 95_000}
"""A table of fifty bodies, in which each of ten figures is a link to its rows."""
ANSWERS = {"a page that is not there": 404}
"""What a page answers where it is not 200."""
FOREIGN = {
    "pricing.shared": "speaks the language of the sheet",
    "kits.shared": "speaks the language of the kit",
    "reminders.from_digest": "speaks the language of the one who got the mail",
}
"""Pages in another language than their visitor's on purpose, each with why."""

SMALL_TARGETS = """(least) => {
  const wanted = 'button:not(.term-word), input:not([type=hidden]), select, textarea, summary, '
    + '.btn, .nav-item, .menu-item, .tabs a, a.stat, a[data-open]';
  const small = new Set();
  for (const element of document.querySelectorAll(wanted)) {
    if (element.closest('svg, dialog:not([open]), .visually-hidden, [hidden]')) continue;
    if (element.closest('details:not([open])') && !element.matches('details > summary')) continue;
    if (!element.checkVisibility()) continue;
    const area = element.matches('input[type=checkbox], input[type=radio]')
      ? element.closest('label, .form-check, .choice') ?? element : element;
    const box = area.getBoundingClientRect();
    // A link of one short word may be narrow: the finger finds it by its height.
    const narrow = box.width < least - 0.5 && !element.matches('a[data-open]');
    if (box.width === 0 || box.height === 0) continue;
    if (box.height < least - 0.5 || narrow)
      small.add(`${Math.round(box.width)}×${Math.round(box.height)} `
        + element.outerHTML.replace(/=".*?\\d+.*?"/g, '="…"').slice(0, 90));
  }
  return [...small].slice(0, 5);
}"""
"""Controls, and the link that is each row's own, on a phone: the first few that are too small."""

ENGLISH = re.compile(
    r"\b(the|and|with|from|this|that|your|you|nothing|save|cancel|edit|remove|delete|add|search|"
    r"show|choose|write|none|next|previous|yes|not|for|until|since|of|is|are|was|by)\b",
    re.IGNORECASE,
)
SWEDISH = re.compile(
    r"\b(och|att|för|inte|spara|avbryt|ändra|visa|från|sök|ingen|inga|alla|lägg|stäng|nästa|"
    r"föregående|ja|nej|till|med|som|eller|välj|skriv|idag|ärende|ärenden|påminnelse)\b",
    re.IGNORECASE,
)
BODY_WORDS = """() => {
  const copy = document.body.cloneNode(true);
  for (const part of copy.querySelectorAll('[lang], script, style')) part.remove();
  const texts = [], walker = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) texts.push(walker.currentNode.data.trim());
  for (const element of copy.querySelectorAll('[aria-label], [placeholder], [title]'))
    for (const name of ['aria-label', 'placeholder', 'title'])
      texts.push(element.getAttribute(name) ?? '');
  return texts.filter(Boolean).join(' · ').replace(/\\s+/g, ' ');
}"""
CONTROL_WORDS = """() => {
  // What the program itself says on its controls; elsewhere most of what stands there is data.
  const found = new Set();
  const wanted = 'button, th[scope=col], legend, summary, .btn, .menu-item, .nav-label, .form-text';
  for (const element of document.querySelectorAll(wanted)) {
    if (element.closest('[lang]:not(html)')) continue;
    const copy = element.cloneNode(true);
    for (const part of copy.querySelectorAll('.visually-hidden, [lang]')) part.remove();
    found.add(copy.textContent.trim());
  }
  for (const element of document.querySelectorAll('[placeholder]')) found.add(element.placeholder);
  return [...found].filter(Boolean);
}"""
NAMES = re.compile(
    # Bodies of the register, products and keys whose names are English.
    r"Business Sweden|Visit \w+|Science Park|\bof Sweden\b|\bfor Sweden\b",
    re.IGNORECASE,
)


def look(page: Any, name: str, address: str, language: str, *, axe: bool) -> Iterator[str]:
    """Everything wrong with one page."""
    first, *more = LOOKS[language]
    dress(page, *first)
    response = page.goto(address)
    if response.status != ANSWERS.get(name, 200):
        yield f"answers {response.status}"
        return
    html = response.text()
    yield from faults_of(html)
    if name in LISTS and len(html.encode()) > HEAVIER.get(name, LIST_WEIGHT):
        yield f"weighs {len(html.encode()):,} bytes"
    if name not in FOREIGN:
        yield from words(page, language)
    page.evaluate(SHORTEN, 12)
    yield from measure(page, first[0])
    if axe:
        seen = f"{first[1]}, {first[0]['width']}"
        yield from (f"axe, {seen}: {fault}" for fault in violations(page))
    for size, scheme in more:
        dress(page, size, scheme)
        yield from measure(page, size)
    if language == "sv":
        yield from on_paper(page)


SHORTEN = """(rows) => {
  for (const list of document.querySelectorAll('[data-list]'))
    for (const row of [...list.children].slice(rows)) row.remove();
}"""
"""A list's fiftieth row is made as its first, and axe takes its time over each."""


def dress(page: Any, size: dict[str, int], scheme: str) -> None:
    page.set_viewport_size(size)
    page.emulate_media(media="screen", color_scheme=scheme, reduced_motion="reduce")


def on_paper(page: Any) -> Iterator[str]:
    """What sticks out of the sheet, where the ruler of a whole page (test_print.py) need not notice."""
    page.emulate_media(media="print")
    lies = page.locator(".one-page").count() > 0
    width = LYING_DOWN if lies else BETWEEN_MARGINS
    page.set_viewport_size({"width": width, "height": 960})
    if wide := overflow(page):
        yield f"{wide} px too wide for paper: {too_wide(page)}"


def measure(page: Any, size: dict[str, int]) -> Iterator[str]:
    """What a ruler and a thumb find on the page as it stands."""
    if wide := overflow(page):
        yield f"{wide} px wider than {size['width']}: {too_wide(page)}"
    if size is PHONE:
        yield from (f"small target {t}" for t in page.evaluate(SMALL_TARGETS, TARGET))


def too_wide(page: Any) -> list[str]:
    """Which elements stick out."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('main *')]
          .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
          .map((e) => e.outerHTML.slice(0, 90)).slice(0, 3)"""
    )
    return found


def words(page: Any, language: str) -> Iterator[str]:
    """What stands there in the other language."""
    assert page.evaluate("document.documentElement.lang") == language
    if language == "sv":
        text = NAMES.sub("", page.evaluate(BODY_WORDS))
        for match in ENGLISH.finditer(text):
            yield f"English? …{text[max(0, match.start() - 30) : match.end() + 30]}…"
    else:
        for text in page.evaluate(CONTROL_WORDS):
            if SWEDISH.search(text):
                yield f"Swedish? {text[:80]}"


def walk(page: Any, pages: dict[str, str], language: str, *, axe: bool = True) -> list[str]:
    return [
        f"{name} {address}: {fault}"
        for name, address in pages.items()
        for fault in dict.fromkeys(look(page, name, address, language, axe=axe))
    ]


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("half", [0, 1])
def test_every_page(site: Site, visitor: Any, language: str, half: int) -> None:
    """In halves, so that two workers share a language; axe is asked of one half in each."""
    pages = dict(list(site.pages(language).items())[half::2])
    faults = walk(visitor(language), pages, language, axe=(half == 0) == (language == "sv"))
    assert faults == [], "\n".join(["", *faults])


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_door(site: Site, visitor: Any, language: str) -> None:
    page = visitor(None)
    page.context.add_cookies([{"name": "language", "value": language, "url": site.live.url}])
    faults = walk(page, site.doors(), language)
    assert faults == [], "\n".join(["", *faults])


def test_no_exemption_has_outlived_its_route(site: Site) -> None:
    known = {rule.endpoint for rule in routes(site.live.app, "GET")}
    assert set(NO_PAGE) | set(FOREIGN) | set(LISTS) | set(HEAVIER) <= known
