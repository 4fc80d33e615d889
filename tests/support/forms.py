"""The forms of pages, read as a browser reads them: what a user can send, and what is sent if she
changes nothing."""

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from tests.support.pages import parse

TEXTS = {"text", "email", "tel", "search", "url", "number", "date", ""}


@dataclass(frozen=True, slots=True)
class Entry:
    """One field. `kind` is that of the input, or "select" or "textarea"."""

    name: str
    kind: str
    value: str
    choices: tuple[str, ...] = ()

    @property
    def typed(self) -> bool:
        """Somebody types into it, so what she typed has to come back."""
        return self.kind in TEXTS or self.kind == "textarea"


@dataclass(frozen=True, slots=True)
class PostForm:
    """A form that is sent by POST: where to, and its fields in their order."""

    action: str
    entries: tuple[Entry, ...]

    def sent(self, **changes: str) -> dict[str, str | list[str]]:
        """What a browser sends, with some fields changed."""
        found: dict[str, str | list[str]] = {}
        for entry in self.entries:
            if entry.kind not in {"submit", "file"} and entry.name not in found:
                found[entry.name] = entry.value
        return found | changes

    @property
    def names(self) -> list[str]:
        """Each name once; the CSRF token's is not for sending nonsense in."""
        return list(dict.fromkeys(e.name for e in self.entries if e.name != "csrf_token"))


def post_forms(html: str) -> list[PostForm]:
    """Every form of a page, or of a fragment, that is sent by POST."""
    document, _errors = parse(html)
    return [
        PostForm(form.get("action", ""), tuple(entries_of(form)))
        for form in document.iter("form")
        if (form.get("method") or "").lower() == "post"
    ]


def entries_of(form: Element) -> list[Entry]:
    """The fields of a form, in their order."""
    found = []
    for control in form.iter():
        name = control.get("name")
        if not name:
            continue
        if control.tag == "textarea":
            found.append(Entry(name, "textarea", (control.text or "").removeprefix("\n")))
        elif control.tag == "select":
            options = list(control.iter("option"))
            chosen = [o for o in options if o.get("selected") is not None] or options[:1]
            values = tuple(o.get("value", o.text or "") for o in options)
            found.append(
                Entry(name, "select", chosen[0].get("value", "") if chosen else "", values)
            )
        elif control.tag == "input":
            kind = (control.get("type") or "text").lower()
            if kind in {"radio", "checkbox"} and control.get("checked") is None:
                found.append(Entry(name, kind, "", (control.get("value", "on"),)))
            else:
                found.append(Entry(name, kind, control.get("value") or ""))
        elif control.tag == "button":
            found.append(Entry(name, "submit", control.get("value") or ""))
    return found
