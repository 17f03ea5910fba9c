"""Small recordings in rrweb's form, written by hand: a shop's page, what a person does there, and a hostile one."""

import itertools
import json
from typing import Any

START = 1_772_442_000_000  # 2 March 2026, 09:00 UTC, in ms
Event = dict[str, Any]


class Numbers:
    """`element("button", "Pay", id="pay")`: nodes with numbers of their own, the document's being 1."""

    def __init__(self) -> None:
        self._next = itertools.count(1)

    def document(self, *children: Event) -> Event:
        return {"type": 0, "childNodes": list(children), "id": next(self._next)}

    def element(self, tag: str, *children: Event | str, **attributes: str) -> Event:
        given = {name.strip("_").replace("_", "-"): value for name, value in attributes.items()}
        inside = [self.text(child) if isinstance(child, str) else child for child in children]
        return {"type": 2, "tagName": tag, "attributes": given, "childNodes": inside, "id": next(self._next)}

    def text(self, text: str) -> Event:
        return {"type": 3, "textContent": text, "id": next(self._next)}


def at(ms: float, kind: int, **data: Any) -> Event:
    return {"type": kind, "data": data, "timestamp": START + ms}


def does(ms: float, source: int, **data: Any) -> Event:
    return at(ms, 3, source=source, **data)


def page(href: str, node: Event, ms: float = 0, width: int = 1200, height: int = 800, top: int = 0) -> list[Event]:
    """What a recorder says first: the address and the window, then the whole page."""
    return [
        at(ms, 4, href=href, width=width, height=height),
        at(ms, 2, node=node, initialOffset={"top": top, "left": 0}),
    ]


def shop() -> tuple[Event, dict[str, int]]:
    """A page with a form, and the numbers of what is on it."""
    new = Numbers()
    icon = new.element("svg", new.element("path"))
    pay = new.element("button", icon, new.element("span", "Pay "), "now", id="pay-now", class_="primary css-1x2y3z")
    mail = new.element("input", type="email", name="mail", value="anna@example.com", placeholder="Your mail")
    note = new.element("textarea", "ring twice")
    gift = new.element("input", type="checkbox", name="gift", value="yes")
    card = new.element("a", "A warm hat", class_="is-active card", href="https://shop.example/hat")
    side = new.element("div", new.element("p", "Terms"), class_="terms")
    body = new.element("body", new.element("form", mail, note, gift, pay, id="payment"), card, side)
    html = new.element("html", new.element("head", new.element("style", "p { color: red }")), body)
    document = new.document(html)
    named = {"pay": pay, "icon": icon, "mail": mail, "note": note, "gift": gift, "card": card, "side": side}
    named |= {"document": document, "body": body}
    return document, {name: node["id"] for name, node in named.items()}


def purchase() -> list[Event]:
    """Every source once: someone moves, scrolls, types, pays in vain, and goes on to another page."""
    document, n = shop()
    return [
        at(0, 0),
        at(0, 1),
        *page("https://shop.example/checkout?mail=anna@example.com", document),
        does(500, 1, positions=[{"x": 10, "y": 20, "id": n["body"], "timeOffset": -100}, {"x": 30, "y": 40, "id": n["body"], "timeOffset": -50}]),
        does(1_000, 3, id=n["document"], x=0, y=300),
        does(1_500, 3, id=n["side"], x=0, y=50),
        does(2_000, 2, type=5, id=n["mail"]),
        does(2_100, 5, id=n["mail"], text="a", isChecked=False, userTriggered=True),
        does(2_200, 5, id=n["mail"], text="anna@example.org", isChecked=False, userTriggered=True),
        does(3_000, 2, type=6, id=n["mail"]),
        does(3_100, 5, id=n["note"], text="third floor", isChecked=False),
        does(3_200, 5, id=n["gift"], text="yes", isChecked=False, userTriggered=False),
        does(4_000, 2, type=1, id=n["icon"], x=100, y=200),
        does(4_050, 2, type=0, id=n["icon"], x=100, y=200),
        does(4_060, 2, type=2, id=n["icon"], x=100, y=200, pointerType=0),
        at(4_100, 6, plugin="rrweb/console@1", payload={"level": "error", "trace": ["pay (shop.js:7)"], "payload": ['"No connection"']}),
        at(4_110, 6, plugin="rrweb/console@1", payload={"level": "log", "trace": [], "payload": ['"hello"']}),
        does(4_200, 4, width=900, height=700),
        does(4_300, 0, texts=[], attributes=[{"id": n["pay"], "attributes": {"id": "pay-again"}}], removes=[], adds=[]),
        does(5_000, 2, type=7, id=n["pay"], x=101, y=201),
        does(5_050, 2, type=9, id=n["pay"], x=101, y=201),
        does(5_100, 2, type=2, id=n["pay"], x=101, y=201, pointerType=2),
        does(7_000, 2, type=7, id=n["card"], x=5, y=6),
        does(7_020, 2, type=9, id=n["card"], x=5, y=6),
        at(9_000, 5, tag="coupon", payload={"percent": 10}),
        at(10_000, 4, href="https://shop.example/thanks", width=900, height=700),
    ]  # fmt: skip


def hostile(other_host: str = "https://elsewhere.example") -> list[Event]:
    """All that a page could do to who plays it: a script would set `ran`, all else ask `other_host` for something."""
    new = Numbers()
    run = "window.ran = top.ran = parent.ran = true"
    bad = [
        new.element("script", run, id="bad"),
        new.element("noscript", new.element("img", src=f"{other_host}/noscript.png")),
        new.element("img", src=f"{other_host}/a.png", onerror=run, onload=run, srcset=f"{other_host}/b.png 2x"),
        new.element("img", src="x:broken", onerror=run),
        new.element("a", "a link", href=f"javascript:{run}", onmouseover=run),
        new.element("iframe", src=f"{other_host}/frame"),
        new.element("iframe", src=f"javascript:{run}"),
        new.element("iframe", srcdoc=f"<script>{run}</script>"),
        new.element("object", data=f"{other_host}/o.svg"),
        new.element("embed", src=f"{other_host}/e.svg"),
        new.element("video", poster=f"{other_host}/p.png", src=f"{other_host}/v.mp4", autoplay=""),
        new.element("input", type="image", src=f"{other_host}/i.png"),
        new.element("form", new.element("button", "go", formaction=f"javascript:{run}"), action=f"javascript:{run}"),
        new.element("svg", new.element("image", href=f"{other_host}/s.png"), new.element("script", run)),
        new.element("svg:script", run),
        new.element("SCRIPT", run),
        new.element("p", "styled", style=f"background: url({other_host}/st.png)"),
        new.element("p", "escaped", style=f"background: \\75rl('{other_host}/esc.png')"),
        new.element("div", "editable secret", contenteditable="true"),
        new.element("textarea", "typed secret"),
        new.element("input", type="text", value="secret"),
    ]
    sheet = new.element("style", f"@import '{other_host}/i.css'; @font-face {{ font-family: a; src: url({other_host}/f.woff) }} p {{ font-family: a; background: url(\"{other_host}/u.png\"), image-set('{other_host}/set.png' 1x) }}")  # fmt: skip
    head = new.element(
        "head",
        new.element("meta", http_equiv="refresh", content=f"0; url={other_host}/refresh"),
        new.element("base", href=other_host),
        new.element("link", rel="stylesheet", href=f"{other_host}/sheet.css"),
        sheet,
    )
    heading = new.element("h1", "Still here")
    body = new.element("body", heading, *bad, onload=run)
    document = new.document(new.element("html", head, body))
    late = new.element("script", run)
    picture = new.element("img", src=f"{other_host}/late.png", onerror=run)
    script_again = {"parentId": bad[0]["id"], "nextId": None, "node": new.text(run)}
    return [
        *page("https://shop.example/", document),
        does(500, 0, texts=[{"id": bad[0]["childNodes"][0]["id"], "value": run}], removes=[],
             attributes=[{"id": bad[2]["id"], "attributes": {"src": f"{other_host}/c.png", "onerror": run}},
                         {"id": heading["id"], "attributes": {"style": {"background": f"url({other_host}/h.png)"}, "onclick": run}}],
             adds=[{"parentId": body["id"], "nextId": None, "node": late},
                   {"parentId": body["id"], "nextId": bad[0]["id"], "node": picture}, script_again]),
        does(690, 8, id=sheet["id"], adds=[{"rule": f"h1 {{ background: url({other_host}/rule.png) }}", "index": 0}]),
        does(700, 8, id=body["id"], adds=[{"rule": f"p {{ background: url({other_host}/rule.png) }}", "index": 0}]),
        does(790, 13, id=sheet["id"], index=[0], set={"property": "background", "value": f"url({other_host}/decl.png)"}),
        does(800, 13, id=body["id"], index=[0], set={"property": "background", "value": f"url({other_host}/decl.png)"}),
        does(900, 15, id=1, styleIds=[1], styles=[{"styleId": 1, "rules": [{"rule": f"@import '{other_host}/ad.css'"}]}]),
        does(950, 10, family="b", fontSource=f"{other_host}/font.woff", buffer=False),
        does(960, 9, id=1, type=0, commands=[{"property": "drawImage", "args": [f"{other_host}/canvas.png"]}]),
        does(1_000, 5, id=bad[-1]["id"], text="typed secret", isChecked=False),
        does(1_200, 2, type=2, id=heading["id"], x=20, y=30),
        at(1_300, 5, tag="secret", payload={"of": "a custom event"}),
        does(3_000, 1, positions=[{"x": 50, "y": 60, "id": body["id"], "timeOffset": 0}]),
    ]  # fmt: skip


def as_json(events: list[Event]) -> str:
    return json.dumps(events)
