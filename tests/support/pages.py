"""What every page owes its reader, checked on each one that a test fetches.

The client in conftest.py calls `faults_of` on all HTML it receives, so hundreds of page tests
watch titles, labels, duplicate ids and the like without saying so.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from html import unescape
from xml.etree.ElementTree import Element

import html5lib

NAMELESS_INPUTS = {"hidden", "submit", "button", "reset", "image"}
ONCE_PER_PAGE = ("title", "h1", "main")


def parse(html: str) -> tuple[Element, list[str]]:
    """The document, and what the HTML standard has to say against it."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    document = parser.parse(html)
    errors = [f"{code} {data} at {position}" for position, code, data in parser.errors]
    return document, errors


def faults_of(html: str) -> list[str]:
    """Everything wrong with a whole page; empty when it is as it should be.

    To parse a page takes as long as to make it, and a walk comes to the same one a hundred times.
    So what hangs on the build of a page is looked at once for each build; its words and ids, which
    differ, every time.
    """
    faults = [*_has_unique_ids(html), *_refers_to_what_exists(html), *_shows_no_raw_values(html)]
    build = hash(_build_of(html))
    if build not in _sound:
        faults += _faults_of_build(html)
        if not faults:
            _sound.add(build)
    return faults


_sound: set[int] = set()
"""The builds of pages without a fault, in this process."""

_WORDS = re.compile(r">[^<]*[^<\s][^<]*<")
_VALUE = re.compile(r'''(?<= )([a-z-]+)="(?:[^"]*[^"\s][^"]*)"''')
_DIGITS = re.compile(r"\d+")
_KEPT = {"method", "type", "name", "for", "id", "lang"}


def _build_of(html: str) -> str:
    """The page without its words: elements with their attributes, and where there is text at all."""
    bare = _WORDS.sub(">.<", html)
    bare = _VALUE.sub(lambda found: found[0] if found[1] in _KEPT else f"{found[1]}=.", bare)
    return _DIGITS.sub("0", bare)


def _faults_of_build(html: str) -> list[str]:
    document, errors = parse(html)
    faults = [f"HTML: {error}" for error in errors]
    for check in (
        _says_its_language,
        _has_one_of_each,
        _labels_its_fields,
        _names_its_links_and_buttons,
        _completes_its_forms,
        _keeps_style_and_script_outside,
    ):
        faults += check(document)
    return faults


def text_of(element: Element) -> str:
    """What a reader sees, with white space settled."""
    return " ".join("".join(_visible(element)).split())


def _visible(element: Element) -> Iterator[str]:
    if element.tag in {"script", "style", "template"}:
        return
    yield element.text or ""
    for child in element:
        yield from _visible(child)
        yield child.tail or ""


def _describe(element: Element) -> str:
    facts = (f'{k}="{v}"' for k, v in element.attrib.items() if k in {"id", "name", "href", "type"})
    return f"<{' '.join([str(element.tag), *facts])}>"


def _elements(document: Element) -> Iterator[Element]:
    return (element for element in document.iter() if isinstance(element.tag, str))


def _says_its_language(document: Element) -> list[str]:
    return [] if document.get("lang") in {"sv", "en"} else ["<html> has no lang of ours"]


def _has_one_of_each(document: Element) -> list[str]:
    faults = []
    drawn = {element for svg in document.iter("svg") for element in svg.iter()}  # has its own title
    for tag in ONCE_PER_PAGE:
        found = [e for e in document.iter(tag) if e not in drawn]
        if len(found) != 1:
            faults.append(f"{len(found)} <{tag}>, should be one")
        elif tag != "main" and not text_of(found[0]):
            faults.append(f"<{tag}> is empty")
    return faults


def _has_unique_ids(html: str) -> list[str]:
    counted = Counter(_ID.findall(html))
    faults = [f"id {name!r} {number} times" for name, number in counted.items() if number > 1]
    return [*faults, *(["an empty id"] if "" in counted else [])]


_ID = re.compile(r'\sid="([^"]*)"')
_REFERENCE = re.compile(r'\s(for|aria-labelledby|aria-describedby|aria-controls|list)="([^"]*)"')


def _refers_to_what_exists(html: str) -> list[str]:
    ids = set(_ID.findall(html))
    return [
        f"{attribute} points at no {name!r}"
        for attribute, names in _REFERENCE.findall(html)
        for name in names.split()
        if name not in ids
    ]


def _labels_its_fields(document: Element) -> list[str]:
    labels = [label for label in document.iter("label") if _own_words(label)]
    labelled = {label.get("for") for label in labels}
    wrapped = {child for label in labels for child in label.iter()}
    faults = []
    for tag in ("input", "select", "textarea"):
        for field in document.iter(tag):
            if tag == "input" and field.get("type", "text") in NAMELESS_INPUTS:
                continue
            if not (
                field.get("id") in labelled
                or field in wrapped
                or field.get("aria-label")
                or field.get("aria-labelledby")
            ):
                faults.append(f"{_describe(field)} has no label")
    return faults


def _own_words(label: Element) -> str:
    """A label's text; the choices of a list inside it do not count."""
    inside = "".join(text_of(field) for tag in ("select", "textarea") for field in label.iter(tag))
    return text_of(label).replace(inside, "").strip() if inside else text_of(label)


def _names_its_links_and_buttons(document: Element) -> list[str]:
    faults = []
    for tag in ("a", "button", "summary"):
        for element in document.iter(tag):
            images = "".join(image.get("alt", "") for image in element.iter("img"))
            titles = "".join(text_of(title) for title in element.iter("title"))
            if not (
                text_of(element)
                or images
                or titles
                or element.get("aria-label")
                or element.get("aria-labelledby")
            ):
                faults.append(f"{_describe(element)} has no name")
    faults += [
        f"{_describe(image)} has no alt"
        for image in document.iter("img")
        if "alt" not in image.attrib
    ]
    return faults


COOKIELESS = "/kits/shared/"
"""Where a form is sent to without a token: a page that sets no cookie, for nobody signed in."""


def _completes_its_forms(document: Element) -> list[str]:
    faults = []
    for form in document.iter("form"):
        method = form.get("method", "").lower()
        if method not in {"get", "post", "dialog"}:
            faults.append(f"{_describe(form)} has method {method!r}")
        if method != "dialog" and not form.get("action"):
            faults.append(f"{_describe(form)} has no action")
        if (
            method == "post"
            and not form.get("action", "").startswith(COOKIELESS)
            and not any(f.get("name") == "csrf_token" for f in form.iter("input"))
        ):
            faults.append(f"{_describe(form)} to {form.get('action')} has no CSRF token")
    return faults


def _keeps_style_and_script_outside(document: Element) -> list[str]:
    faults = [
        f"{_describe(e)} has a style attribute" for e in _elements(document) if "style" in e.attrib
    ]
    faults += ["a <style> element" for _ in document.iter("style")]
    faults += [
        "an inline <script>"
        for script in document.iter("script")
        if not script.get("src") and script.get("type") != "application/json"
    ]
    faults += [
        f"{_describe(e)} has {name}"
        for e in _elements(document)
        for name in e.attrib
        if re.fullmatch(r"on[a-z]+", str(name))
    ]
    return faults


_UNSEEN = re.compile(r"<(script|style|template)\b.*?</\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_NONE = re.compile(r"<[^>]*>\s*None\s*</")


def _shows_no_raw_values(html: str) -> list[str]:
    body = _UNSEEN.sub("", html[html.find("<body") :])
    text = unescape(_TAG.sub(" ", body))
    faults = [f"raw {mark!r} on the page" for mark in ("{{", "}}", "{%", "%(") if mark in text]
    enums = _enum_names(len(sys.modules))
    faults += [
        f"raw enum value {name}.… on the page"
        for name in dict.fromkeys(re.findall(r"\b(\w+)(?=\.[A-Z_]+\b)", text))
        if name in enums
    ]
    faults += [
        f"raw object on the page: {found}" for found in re.findall(r"<[\w.]+ object[^>]*>", text)
    ]
    return [*faults, *(f"{found} says None" for found in _NONE.findall(body))]


@lru_cache(maxsize=1)
def _enum_names(_modules: int) -> set[str]:
    """The enums of the program; looked for anew when a module has been imported since."""
    return {
        name
        for module_name, module in list(sys.modules.items())
        if module_name.startswith("crm.")
        for name, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, Enum)
        and value.__module__.startswith("crm.")
    }
