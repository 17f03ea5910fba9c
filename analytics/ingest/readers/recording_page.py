"""Which element has the number that an rrweb event names? The page as the recording rebuilds it, node by node.

A full snapshot begins it, mutations change it. Everything is bounded: a recording is a foreign file, and one mutation
may add a million nodes, one inside the other.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

DOCUMENT, ELEMENT, TEXT = 0, 2, 3  # rrweb's NodeType
LONGEST_LABEL = 80
MOST_VISITED = 400  # nodes looked at for one element's text
MOST_PARENTS = 60
NAMING = (
    "id", "name", "type", "class", "role", "aria-label", "data-testid", "data-test", "data-cy", "data-qa",
    "contenteditable",
)  # fmt: skip
"""What tells elements apart; nothing else of an element is remembered."""

GONE = frozenset({"script", "noscript", "object", "embed", "applet", "meta", "base", "portal", "frame"})
"""Elements that run, load or lead elsewhere: neither they nor what is in them is kept."""
FIELDS = frozenset({"input", "textarea", "select"})
_ACTIVE = frozenset({"a", "button", "label", "summary", "option", *FIELDS})
_ACTIVE_ROLES = frozenset("button link tab menuitem option checkbox radio switch".split())
_BUTTONS = frozenset({"submit", "button", "reset", "image"})
_PLAIN = re.compile(r"[A-Za-z_][\w-]*\Z")
_MADE = re.compile(r"\d{3}|^(css|sc|jss|jsx|emotion|svelte|chakra)-|[0-9a-f]{8}-[0-9a-f]{4}-", re.IGNORECASE)
_STATE = re.compile(r"(is|has|js|ng|v)-|(active|hover|focus(ed)?|selected|open|disabled|visited|current|show)$")

IN_GONE, PRIVATE, IN_STYLE = 1, 2, 4
"""What a node is by where it stands: within something that is gone, within what people type, within a style sheet."""


class Node:
    """One node; its children are a chain, so that adding and removing cost the same however many there are."""

    __slots__ = (
        "after",
        "attributes",
        "before",
        "depth",
        "first",
        "id",
        "kind",
        "last",
        "parent",
        "state",
        "tag",
        "text",
    )

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.id: object = given.get("id")
        self.kind: object = given.get("type")
        tag = given.get("tagName")
        self.tag = tag.lower() if self.kind == ELEMENT and isinstance(tag, str) else ""
        text = given.get("textContent")
        self.text = text if self.kind == TEXT and isinstance(text, str) else ""
        self.attributes: dict[str, str] | None = None
        if self.tag:
            self.name(given.get("attributes"))
        self.parent: Node | None = None
        self.first: Node | None = None
        self.last: Node | None = None
        self.before: Node | None = None
        self.after: Node | None = None
        self.state = 0
        self.depth = 0

    def name(self, attributes: object) -> None:
        """Takes over those attributes that tell elements apart; one that is None is gone."""
        if not isinstance(attributes, dict):
            return
        for key in NAMING:
            if key in attributes:
                value = attributes[key]
                if self.attributes is None:
                    self.attributes = {}
                if value is None or value is False:
                    self.attributes.pop(key, None)
                else:
                    self.attributes[key] = value if isinstance(value, str) else ""

    def get(self, key: str) -> str:
        return self.attributes.get(key, "") if self.attributes else ""

    @property
    def is_editable(self) -> bool:
        return self.attributes is not None and self.attributes.get("contenteditable", "false") != "false"

    @property
    def is_field(self) -> bool:
        """Whether a person types or chooses here."""
        return self.is_editable or (self.tag in FIELDS and not (self.tag == "input" and self.get("type") in _BUTTONS))

    @property
    def inside(self) -> int:
        """The `state` of what stands in this node."""
        state = self.state
        if self.tag in GONE:
            state |= IN_GONE
        if self.tag == "textarea" or self.is_editable:
            state |= PRIVATE
        if self.tag == "style":
            state |= IN_STYLE
        return state

    def children(self) -> Iterator["Node"]:
        child = self.first
        while child is not None:
            yield child
            child = child.after

    def parents(self) -> Iterator["Node"]:
        """The nodes around it, the nearest first; at most `MOST_PARENTS`."""
        node = self.parent
        for _ in range(MOST_PARENTS):
            if node is None:
                return
            yield node
            node = node.parent


class Page:
    """The nodes of one page by their number. `deepest` is how deep they ever stood, `most` how many there ever were."""

    def __init__(self) -> None:
        self.nodes: dict[object, Node] = {}
        self.root: object = None
        self.deepest = 0
        self.most = 0

    def reset(self, node: object) -> None:
        """A full snapshot: what was before is forgotten."""
        self.nodes = {}
        self.root = node.get("id") if isinstance(node, dict) else None
        self._grow(node, None, None)

    def get(self, number: object) -> Node | None:
        """The node of a number; None for anything that is no number of a node."""
        return self.nodes.get(number) if isinstance(number, int) else None

    def mutate(self, data: Mapping[str, Any]) -> None:
        """Removes first, then adds, attributes and texts, as the player does it."""
        for removed in _dicts(data.get("removes")):
            self._remove(self.get(removed.get("id")))
        waiting: dict[object, list[dict[str, Any]]] = {}
        for added in _dicts(data.get("adds")):
            ready = [added]
            while ready:
                one = ready.pop()
                number = one.get("parentId")
                if (parent := self.get(number)) is None:
                    if isinstance(number, int):
                        waiting.setdefault(number, []).append(one)
                    continue
                new = self._grow(one.get("node"), parent, self.get(one.get("nextId")))
                for planted in new if waiting else ():
                    ready += waiting.pop(planted, ())
        for changed in _dicts(data.get("attributes")):
            if node := self.get(changed.get("id")):
                node.name(changed.get("attributes"))
        for changed in _dicts(data.get("texts")):
            node = self.get(changed.get("id"))
            if node and isinstance(changed.get("value"), str):
                node.text = changed["value"]

    def state(self, number: object) -> int:
        """The `state` of a node, by what stands around it now; that of a node nobody knows is private."""
        if (node := self.get(number)) is None:
            return PRIVATE
        state = node.state
        for parent in node.parents():
            state |= parent.inside
        return state

    def inside(self, number: object) -> int:
        """The `state` of what is added to a node."""
        node = self.get(number)
        return node.inside if node else PRIVATE

    def element(self, number: object) -> Node | None:
        """What a person acts on at a node: the nearest button, link or field around it, else its element."""
        node = self.get(number)
        if node is not None and node.kind == TEXT:
            node = node.parent
        if node is None or not node.tag:
            return None
        for near in (node, *list(node.parents())[:6]):
            if near.tag in _ACTIVE or near.get("role") in _ACTIVE_ROLES or near.is_editable:
                return near
        return node

    def element_itself(self, number: object) -> Node | None:
        """The element of a node, which need not be one to act on."""
        node = self.get(number)
        return node if node is not None and node.tag else None

    def is_in_window(self, number: object) -> bool:
        """Whether a node stands in the page itself: the places of a frame within it say nothing of the page's."""
        node = self.get(number)
        if node is None:
            return True
        return not any(parent.kind == DOCUMENT and parent.id != self.root for parent in node.parents())

    def _grow(self, given: object, parent: Node | None, after: Node | None) -> list[object]:
        """Plants a node with all below it; returns their numbers."""
        planted: list[object] = []
        stack: list[tuple[object, Node | None, Node | None]] = [(given, parent, after)]
        while stack:
            one, above, behind = stack.pop()
            if not isinstance(one, dict):
                continue
            node = Node(one)
            if not isinstance(node.id, int):
                continue
            if node.id in self.nodes:
                if node.id == getattr(above, "id", None):
                    continue
                self._remove(self.nodes[node.id])
                if above is not None and self.nodes.get(above.id) is not above:
                    continue  # it was to be put into itself
            self.nodes[node.id] = node
            planted.append(node.id)
            if above is not None:
                _attach(node, above, behind)
                self.deepest = max(self.deepest, node.depth)
            children = one.get("childNodes")
            if isinstance(children, list):
                stack += [(child, node, None) for child in reversed(children)]
        self.most = max(self.most, len(self.nodes))
        return planted

    def _remove(self, node: Node | None) -> None:
        if node is None:
            return
        _detach(node)
        stack = [node]
        while stack:
            gone = stack.pop()
            if self.nodes.get(gone.id) is gone:
                del self.nodes[gone.id]
            stack += gone.children()


def selector(node: Node) -> str:
    """A short name in the manner of CSS that outlives a new build: id, test id, name, label, role or class.

    Without any of these it is the tag alone.
    """
    tag = node.tag
    identity = node.get("id")
    if identity and not _MADE.search(identity):
        return f"{tag}#{identity}" if _PLAIN.match(identity) else _with(tag, "id", identity)
    for key in ("data-testid", "data-test", "data-cy", "data-qa"):
        if value := node.get(key):
            return _with(tag, key, value)
    if node.get("name") and tag in (*FIELDS, "form", "button"):
        return _with(tag, "name", node.get("name"))
    if node.get("aria-label"):
        return _with(tag, "aria-label", node.get("aria-label"))
    classes = node.get("class")[:1000].split()
    stable = [name for name in classes if _PLAIN.match(name) and not _MADE.search(name) and not _STATE.match(name)]
    if stable:
        return f"{tag}.{stable[0]}"
    return _with(tag, "role", node.get("role")) if node.get("role") else tag


def label(node: Node) -> str | None:
    """What a person reads there; None for a field, whose text is what somebody typed."""
    if node.is_field or node.state & (PRIVATE | IN_GONE):
        return None
    pieces: list[str] = []
    stack, length = [node], 0
    for _ in range(MOST_VISITED):
        if not stack or length > 2 * LONGEST_LABEL:
            break
        one = stack.pop()
        if one.text:
            pieces.append(one.text[:1000])
            length += len(" ".join(pieces[-1].split()))
        elif one.kind != DOCUMENT and one.tag not in ("style", "script", "noscript", *FIELDS) and not one.is_editable:
            stack += reversed(list(islice(one.children(), MOST_VISITED)))
    text = " ".join("".join(pieces).split())
    if not text:
        text = " ".join(node.get("aria-label").split())
    return (text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1].rstrip() + "…") or None


def _with(tag: str, key: str, value: str) -> str:
    short = " ".join(value.split())[:60].replace('"', "'")
    return f'{tag}[{key}="{short}"]'


def _dicts(value: object) -> Iterator[dict[str, Any]]:
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())


def _attach(node: Node, parent: Node, behind: Node | None) -> None:
    """Puts `node` into `parent`, before the sibling `behind`, else as the last."""
    node.parent, node.state, node.depth = parent, parent.inside, parent.depth + 1
    if behind is None or behind.parent is not parent:
        node.before = parent.last
        if parent.last is not None:
            parent.last.after = node
        else:
            parent.first = node
        parent.last = node
        return
    node.after, node.before = behind, behind.before
    if behind.before is not None:
        behind.before.after = node
    else:
        parent.first = node
    behind.before = node


def _detach(node: Node) -> None:
    parent = node.parent
    if node.before is not None:
        node.before.after = node.after
    elif parent is not None and parent.first is node:
        parent.first = node.after
    if node.after is not None:
        node.after.before = node.before
    elif parent is not None and parent.last is node:
        parent.last = node.before
    node.parent = node.before = node.after = None
