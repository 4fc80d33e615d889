"""XML from strangers as a small tree: bounded, without DTD, entities or network.

The tree is built while the file is being read, so that a file of another kind is left at its root
element and a file that is too much at the limit, and neither is ever in memory as a whole.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from lxml import etree

from crm.adapters.notices.problems import Limits, NoticeProblem, NotRead

WRAPPERS = frozenset({"UBLExtensions", "UBLExtension", "ExtensionContent", "EformsExtension"})
"""Wrappings of UBL that say nothing: what is in them counts as lying where the outermost one
lies."""

SKIPPED = frozenset({"TRANSLATION_SECTION", "LINKS_SECTION"})
"""Half of a TED_EXPORT: the CPV code's name in 24 languages. Not kept."""

INLINE = frozenset({"FT"})
"""Raised and lowered letters in TED_EXPORT: part of the text around them."""


class Node:
    """An element: its name without namespace, attributes, text and children.

    The text is trimmed, and does not hold that of the children.
    """

    __slots__ = ("attributes", "children", "name", "text")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.text = ""
        self.children: list[Node] = []

    def all(self, path: str) -> Iterator["Node"]:
        """Every node at a path of names: all("Party/PartyName") over all parties."""
        name, _, rest = path.partition("/")
        for child in self.children:
            if child.name == name:
                if rest:
                    yield from child.all(rest)
                else:
                    yield child

    def first(self, *paths: str) -> "Node | None":
        """The first node at the first of these paths that leads to one."""
        return next((node for path in paths for node in self.all(path)), None)

    def has(self, *paths: str) -> bool:
        return self.first(*paths) is not None

    def value(self, *paths: str) -> str | None:
        """The first text that is not empty at these paths."""
        return next((node.text for path in paths for node in self.all(path) if node.text), None)

    def below(self, *names: str) -> Iterator["Node"]:
        """Every node of these names below this one at any depth, in the file's order.

        What lies below a node found is not looked through.
        """
        waiting = self.children[::-1]
        while waiting:
            node = waiting.pop()
            if node.name in names:
                yield node
            else:
                waiting.extend(node.children[::-1])

    def nearest(self, *names: str) -> "Node | None":
        """The first node below by the first of these names that there is one of."""
        return next((node for name in names for node in self.below(name)), None)


class _Builder:
    """What the parser calls; refuses as soon as something is wrong."""

    def __init__(self, limits: Limits, accept: Callable[[str], None]) -> None:
        self._limits = limits
        self._accept = accept
        self._open: list[Node | None] = []  # None: in a part that is not kept
        self._texts: list[list[str]] = []  # pieces: adding to a text would copy it each time
        self._names: dict[str, str] = {}  # without their namespace
        self._elements = 0
        self.root: Node | None = None

    def doctype(self, name: str, _public: str | None, _system: str | None) -> None:
        self._accept(name.rpartition(":")[2])  # a web page is no notice, before all else
        raise NotRead(NoticeProblem.DOCTYPE)

    def start(self, tag: str, attributes: Any) -> None:
        self._elements += 1
        if self._elements > self._limits.elements or len(self._open) >= self._limits.depth:
            raise NotRead(NoticeProblem.TOO_COMPLEX)
        name = self._names.get(tag)
        if name is None:
            name = self._names[tag] = tag.rpartition("}")[2]
        self._texts.append([])
        if self.root is None:
            self._accept(name)
            self.root = Node(name, dict(attributes))
            self._open.append(self.root)
            return
        parent = self._open[-1]
        if parent is None or name in SKIPPED:
            self._open.append(None)
        elif name in WRAPPERS:
            self._open.append(parent)
        else:
            node = Node(name, dict(attributes) if attributes else {})
            parent.children.append(node)
            self._open.append(node)

    def data(self, text: str) -> None:
        if self._texts:
            self._texts[-1].append(text)

    def end(self, tag: str) -> None:
        node, text, name = self._open.pop(), "".join(self._texts.pop()), self._names[tag]
        if node is not None and name not in WRAPPERS:
            node.text = text.strip()
            if name in INLINE and self._texts:
                self._texts[-1].append(text)

    def close(self) -> None:
        """Nothing is left to be done: the root was kept when it began."""


def read_xml(chunks: Iterable[bytes], limits: Limits, accept: Callable[[str], None]) -> Node:
    """The root of an XML file that comes in pieces.

    `accept` is given the root's name as soon as it is known, and raises NotRead to stop there. So
    does this, with what is wrong.
    """
    builder = _Builder(limits, accept)
    parser = etree.XMLParser(
        target=builder,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
    )
    size = 0
    try:
        for chunk in chunks:
            size += len(chunk)
            if size > limits.file_bytes:
                raise NotRead(NoticeProblem.TOO_LARGE)
            parser.feed(chunk)
        parser.close()
    except (etree.LxmlError, LookupError, ValueError) as error:  # LookupError: an unknown encoding
        raise NotRead(NoticeProblem.BROKEN_XML) from error
    if builder.root is None:
        raise NotRead(NoticeProblem.BROKEN_XML)
    return builder.root
