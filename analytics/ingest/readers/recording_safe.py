"""What of a recording may be kept to be played? The page without what runs, what loads and what people typed.

Gone are: elements that run or lead elsewhere (`recording_page.GONE`), handlers, every address that is not the data
itself (`data:` pictures, fonts and media stay), style sheets' imports and pictures, canvases, plug-ins' and custom
events. Masked are: what stands in fields, text areas, lists of choices and editable texts, as asterisks of the same
length. What is not known here is not kept. An event is changed in place.
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from analytics.ingest.readers.recording_page import ELEMENT, FIELDS, GONE, IN_GONE, IN_STYLE, PRIVATE, TEXT, Page

Event = dict[str, Any]
EMPTY, NO_RULE = "data:,", "@media not all{}"
GREY = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'%3E%3Crect width='100%25' height='100%25' fill='%23d9d9de'/%3E%3C/svg%3E"  # noqa: E501
"""Stands for a picture that lies elsewhere."""

COMMENT = 5
_TAG = re.compile(r"[A-Za-z][A-Za-z0-9:._-]*\Z")
_ATTRIBUTE = re.compile(r"[A-Za-z_:][\w:.-]*\Z", re.ASCII)
_LINKS = frozenset(
    """src srcset imagesrcset href xlink:href rr_src srcdoc poster background lowsrc dynsrc data action formaction ping
    manifest codebase classid code archive cite longdesc profile icon usemap integrity nonce is sandbox allow target
    http-equiv content autoplay rr_mediastate""".split()
)
"""Attributes that lead or load, or that the player would act upon."""
_KEPT_DATA = re.compile(r"\s*data:(image/|font/|audio/|video/|application/(x-)?font)", re.IGNORECASE)
_VALUED = frozenset({"submit", "button", "reset", "image", "checkbox", "radio"})  # inputs whose value the page wrote

_ESCAPED = re.compile(r"\\(?:([0-9a-fA-F]{1,6})[ \t\n\f\r]?|([g-zG-Z]))")
_IMPORT = re.compile(r"@import\b[^;]*(;|\Z)", re.IGNORECASE)
_URL = re.compile(
    r"""\b(url|src)\(\s*(?:"((?:[^"\\]|\\.)*)(?:"|\Z)|'((?:[^'\\]|\\.)*)(?:'|\Z)|([^)]*))\s*(?:\)|\Z)""",
    re.IGNORECASE | re.DOTALL,
)
_IMAGE_SET = re.compile(r"(-webkit-)?image-set\((?:[^()]|\([^()]*\))*\)?", re.IGNORECASE)
_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*(\}|\Z)", re.IGNORECASE)
_REACHES = re.compile(r"url|src\(|@import|image-set|\\", re.IGNORECASE)


def kept(event: Event, page: Page) -> Event | None:
    """The event as it may be kept; None when nothing of it is. `page` is the page after the event."""
    data = event.get("data")
    if not isinstance(data, dict):
        data = {}
    clean = _TYPES.get(event["type"])
    found = clean(data, page) if clean else None
    return None if found is None else {"type": event["type"], "data": found, "timestamp": event["timestamp"]}


def css(text: str) -> str:
    """A style sheet that loads nothing. It has as many rules as before: later events count them."""
    if not _REACHES.search(text):
        return text
    if "\\" in text:
        text = _ESCAPED.sub(_letter, text)  # \75rl( is url( to a browser
    text = _IMPORT.sub(NO_RULE, text)
    text = _IMAGE_SET.sub("none", text)
    text = _FONT_FACE.sub(lambda face: NO_RULE if _leads_out(face[0]) else face[0], text)
    return _URL.sub(lambda found: found[0] if _is_kept(_target(found)) else f'url("{EMPTY}")', text)


def masked(text: str) -> str:
    """Asterisks of the same length; line feeds stay, since they make the height."""
    return re.sub(r"[^\n]", "*", text)


def address(href: object) -> str:
    """Where a page lies, without what its address may tell of a person."""
    if not isinstance(href, str):
        return ""
    try:
        parts = urlsplit(href)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}" if parts.scheme in ("http", "https") else ""


# ---------------------------------------------------------------------------------------------------------- events


def _nothing(data: Event, page: Page) -> Event | None:
    return {}


def _meta(data: Event, page: Page) -> Event | None:
    return {
        "href": address(data.get("href")),
        "width": _pixels(data.get("width")),
        "height": _pixels(data.get("height")),
    }


def _snapshot(data: Event, page: Page) -> Event | None:
    node = data.get("node")
    if not isinstance(node, dict):
        return None
    _clean(node, 0)
    offset = data.get("initialOffset")
    offset = offset if isinstance(offset, dict) else {}
    return {"node": node, "initialOffset": {key: _number(offset.get(key)) for key in ("top", "left")}}


def _incremental(data: Event, page: Page) -> Event | None:
    source = data.get("source")
    clean = _SOURCES.get(source) if isinstance(source, int) else None
    return clean(data, page) if clean else None


def _mutation(data: Event, page: Page) -> Event | None:
    adds = []
    for added in _dicts(data.get("adds")):
        node, state = added.get("node"), page.inside(added.get("parentId"))
        if isinstance(node, dict) and not state & IN_GONE:
            _clean(node, state)
            adds.append({"parentId": _id(added, "parentId"), "nextId": _id(added, "nextId"), "node": node})
    attributes = []
    for changed in _dicts(data.get("attributes")):
        node = page.get(changed.get("id"))
        values = changed.get("attributes")
        if node is None or node.tag in GONE or node.state & IN_GONE or not isinstance(values, dict):
            continue
        attributes.append({"id": node.id, "attributes": _attributes(node.tag, values, node.get("type"))})
    texts = []
    for changed in _dicts(data.get("texts")):
        value, state = changed.get("value"), page.state(changed.get("id"))
        if not state & IN_GONE and (value is None or isinstance(value, str)):
            texts.append({"id": _id(changed), "value": value and _text(value, state)})
    removes = [
        {"parentId": _id(removed, "parentId"), "id": _id(removed)}
        | ({"isShadow": True} if removed.get("isShadow") else {})
        for removed in _dicts(data.get("removes"))
    ]
    return {"source": 0, "texts": texts, "attributes": attributes, "removes": removes, "adds": adds}


def _as_it_is(*keys: str) -> Callable[[Event, Page], Event | None]:
    def clean(data: Event, page: Page) -> Event | None:
        return {"source": data["source"]} | {key: data[key] for key in keys if _is_flat(data.get(key))}

    return clean


def _input(data: Event, page: Page) -> Event | None:
    text = data.get("text")
    known = page.get(data.get("id"))
    is_choice = known is not None and known.tag == "input" and known.get("type") in ("checkbox", "radio")
    shown = "on" if is_choice else masked(text) if isinstance(text, str) else ""
    return {"source": 5, "id": _id(data), "text": shown, "isChecked": data.get("isChecked") is True}


def _has_rules(data: Event, page: Page) -> bool:
    """Whether an event is of a sheet: the player falls over one that is of any other node."""
    node = page.get(data.get("id"))
    return node.tag in ("style", "link") if node else "id" not in data and isinstance(data.get("styleId"), int)


def _style_rules(data: Event, page: Page) -> Event | None:
    if not _has_rules(data, page):
        return None
    out: Event = {"source": 8} | {key: data[key] for key in ("id", "styleId") if isinstance(data.get(key), int)}
    for key in ("replace", "replaceSync"):
        if isinstance(data.get(key), str):
            out[key] = css(data[key])
    adds = [one | {"rule": css(one["rule"])} for one in _dicts(data.get("adds")) if isinstance(one.get("rule"), str)]
    if adds:
        out["adds"] = [{"rule": one["rule"]} | _index(one) for one in adds]
    if removes := list(_dicts(data.get("removes"))):
        out["removes"] = [_index(one) for one in removes]
    return out


def _style_declaration(data: Event, page: Page) -> Event | None:
    if not _has_rules(data, page):
        return None
    out: Event = {"source": 13} | _index(data)
    out |= {key: data[key] for key in ("id", "styleId") if isinstance(data.get(key), int)}
    for key in ("set", "remove"):
        if isinstance(given := data.get(key), dict):
            out[key] = {
                name: css(value) if isinstance(value, str) else value
                for name, value in given.items()
                if name in ("property", "value", "priority") and (value is None or isinstance(value, str))
            }
    return out


def _adopted_sheet(data: Event, page: Page) -> Event | None:
    styles = [
        {
            "styleId": _id(sheet, "styleId"),
            "rules": [
                {"rule": css(rule["rule"])} | _index(rule)
                for rule in _dicts(sheet.get("rules"))
                if isinstance(rule.get("rule"), str)
            ],
        }
        for sheet in _dicts(data.get("styles"))
    ]
    ids = data.get("styleIds")
    ids = [one for one in ids if isinstance(one, int)] if isinstance(ids, list) else []
    return {
        "source": 15,
        "id": _id(data),
        "styleIds": ids,
        "styles": [one for one in styles if one["styleId"] is not None],
    }


def _font(data: Event, page: Page) -> Event | None:
    source = data.get("fontSource")
    if not isinstance(source, str) or not (data.get("buffer") is True or _KEPT_DATA.match(source)):
        return None
    return {
        "source": 10,
        "family": str(data.get("family", "")),
        "fontSource": source,
        "buffer": data.get("buffer") is True,
    }


_TYPES: dict[int, Callable[[Event, Page], Event | None]] = {
    0: _nothing,
    1: _nothing,
    2: _snapshot,
    3: _incremental,
    4: _meta,
}
_SOURCES: dict[int, Callable[[Event, Page], Event | None]] = {
    0: _mutation,
    1: _as_it_is("positions"),
    2: _as_it_is("type", "id", "x", "y", "pointerType"),
    3: _as_it_is("id", "x", "y"),
    4: _as_it_is("width", "height"),
    5: _input,
    6: _as_it_is("positions"),
    8: _style_rules,
    10: _font,
    12: _as_it_is("positions"),
    13: _style_declaration,
    14: _as_it_is("ranges"),
    15: _adopted_sheet,
}
"""By `data.source`; media, canvases, logs and custom elements are left out."""

# ----------------------------------------------------------------------------------------------------------- nodes

_EACH = ("type", "id", "rootId", "isShadow")
_PARTS = {
    0: (*_EACH, "childNodes", "compatMode"),
    1: (*_EACH, "name", "publicId", "systemId"),
    ELEMENT: (*_EACH, "tagName", "attributes", "childNodes", "isSVG", "isShadowHost", "needBlock"),
    TEXT: (*_EACH, "textContent", "isStyle"),
    4: (*_EACH, "textContent"),
    COMMENT: (*_EACH, "textContent"),
}
"""What a node of each type may have."""


def _clean(node: Event, state: int) -> None:
    """A node and all below it, in place."""
    stack = [(node, state)]
    while stack:
        one, inside = stack.pop()
        kind = one.get("type")
        tag = one.get("tagName")
        parts = _PARTS.get(kind) if type(kind) is int else None
        if parts is None or inside & IN_GONE or (kind == ELEMENT and not _may_stay(tag, one)):
            number = one.get("id")
            one.clear()
            one |= {"type": COMMENT, "textContent": "", "id": number}  # its number may be another's neighbour
            continue
        for part in [part for part in one if part not in parts]:
            del one[part]
        if kind == ELEMENT:
            low = str(tag).lower()
            given = one.get("attributes")
            given = given if isinstance(given, dict) else {}
            kind_of_input = given.get("type")
            one["attributes"] = _attributes(low, given, kind_of_input if isinstance(kind_of_input, str) else "")
            if low == "textarea" or given.get("contenteditable", "false") not in ("false", None, False):
                inside |= PRIVATE
            if low == "style":
                inside |= IN_STYLE
        elif kind == TEXT:
            text = one.get("textContent")
            one["textContent"] = (
                _text(text, inside | (IN_STYLE if one.get("isStyle") else 0)) if isinstance(text, str) else ""
            )
        elif kind in (4, COMMENT):
            one["textContent"] = ""
        children = one.get("childNodes")
        if children is not None:
            one["childNodes"] = children = list(_dicts(children))
            stack += [(child, inside) for child in children]


def _may_stay(tag: object, node: Event) -> bool:
    if not isinstance(tag, str) or not _TAG.match(tag):
        return False
    low = tag.lower().rpartition(":")[2]
    attributes = node.get("attributes")
    attributes = attributes if isinstance(attributes, dict) else {}
    if low == "link":
        return isinstance(attributes.get("_cssText"), str)
    if low in ("animate", "set", "animatetransform", "animatemotion"):
        return not str(attributes.get("attributeName", "")).lower().endswith(("href", "src"))
    return low not in GONE


def _attributes(tag: str, given: Event, kind: str) -> Event:
    """An element's attributes without handlers and addresses, its value masked."""
    out: Event = {}
    for name, value in given.items():
        low = name.lower()
        if not _ATTRIBUTE.match(name) or low.startswith("on"):
            continue
        if low == "style":
            out[name] = _style(value)
        elif low == "_csstext":
            out[name] = css(value) if isinstance(value, str) else ""
        elif low == "rr_dataurl":
            if isinstance(value, str) and _KEPT_DATA.match(value):
                out[name] = value
        elif low in _LINKS or low.endswith(":href"):
            if value is None:
                out[name] = None
            elif (link := _link(tag, low, value)) is not None:
                out[name] = link
        elif "value" in low and tag in FIELDS and not (tag == "input" and kind.lower() in _VALUED):
            out[name] = masked(value) if isinstance(value, str) else value if value is None else "*"
        elif low == "selected" and tag == "option":
            continue  # a choice is something entered
        elif value is None or isinstance(value, (bool, int, float)):
            out[name] = value
        elif isinstance(value, str):
            out[name] = css(value) if "url(" in value.lower() else value  # fill="url(#x)" and the like
    return out


def _link(tag: str, name: str, value: object) -> str | None:
    if not isinstance(value, str):
        return None
    if name == "src" and tag == "img":
        return value if _KEPT_DATA.match(value) else GREY
    if name == "src" and tag in ("source", "video", "audio", "track", "input"):
        return value if _KEPT_DATA.match(value) else None
    if name in ("poster", "background"):
        return value if _KEPT_DATA.match(value) else None
    if name.endswith("href"):
        if tag == "a":
            return "#"  # it still looks like a link
        if value.strip().startswith("#"):
            return value
        return value if tag in ("image", "feimage") and _KEPT_DATA.match(value) else None
    return None


def _style(value: object) -> object:
    if isinstance(value, str):
        return css(value)
    if not isinstance(value, dict):
        return None
    out: Event = {}
    for name, one in value.items():
        if isinstance(one, str):
            out[name] = css(one)
        elif isinstance(one, list) and len(one) == 2 and all(isinstance(part, str) for part in one):
            out[name] = [css(one[0]), one[1]]
        elif one is False:
            out[name] = False
    return out


def _text(text: str, state: int) -> str:
    if state & IN_STYLE:
        return css(text)
    return masked(text) if state & PRIVATE else text


def _letter(found: re.Match[str]) -> str:
    if found[2]:
        return found[2]
    code = int(found[1], 16)
    return chr(code) if code < 128 and chr(code).isalpha() else found[0]


def _target(found: re.Match[str]) -> str:
    return next((part for part in found.groups()[1:] if part), "")


def _leads_out(text: str) -> bool:
    return any(not _is_kept(_target(found)) for found in _URL.finditer(text))


def _is_kept(target: str) -> bool:
    return target.lstrip().startswith("#") or bool(_KEPT_DATA.match(target))


def _is_flat(value: object) -> bool:
    """A number, a truth, or a list of objects of them: what positions and places are."""
    if isinstance(value, (int, float)):
        return True
    return isinstance(value, list) and all(
        isinstance(one, dict) and all(isinstance(part, (int, float)) for part in one.values()) for one in value
    )


def _id(given: Event, key: str = "id") -> int | None:
    value = given.get(key)
    return value if isinstance(value, int) else None


def _index(given: Event) -> Event:
    """Where a rule stands: its number, or the numbers of the rules that it stands within; without one, last."""
    value = given.get("index")
    if isinstance(value, list):
        return {"index": [one for one in value if isinstance(one, int)]}
    return {"index": value} if isinstance(value, int) else {}


def _number(value: object) -> float:
    return value if isinstance(value, (int, float)) and abs(value) < 1e9 else 0


def _pixels(value: object) -> float:
    return min(max(_number(value), 0), 20_000)


def _dicts(value: object) -> list[Event]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
