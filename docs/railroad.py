"""Draws docs/patterns.svg, the pattern language's grammar as railroad diagrams: `python docs/railroad.py`.

Every element knows its width and how far it reaches above and below the line that runs through it.
"""

from dataclasses import dataclass
from html import escape
from pathlib import Path

GAP, ROW, PAD = 14, 12, 24
FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"
STYLE = f"""
  svg {{ background: #ffffff; }}
  path {{ fill: none; stroke: #5b6472; stroke-width: 1.5; }}
  rect {{ fill: #eef2f8; stroke: #5b6472; stroke-width: 1.5; }}
  rect.rule {{ fill: #ffffff; }}
  text {{ font: 13px {FONT}; fill: #1c2430; text-anchor: middle; }}
  text.name {{ font: 600 14px system-ui, sans-serif; text-anchor: start; }}
"""


@dataclass(frozen=True)
class Box:
    """A word of the language, or (rule) the name of another diagram."""

    text: str
    rule: bool = False
    up: int = 15
    down: int = 15

    @property
    def width(self) -> int:
        return 8 * len(self.text) + 20

    def draw(self, x: int, y: int) -> str:
        kind, corner = (' class="rule"', 2) if self.rule else ("", 14)
        text = f'<text x="{x + self.width / 2}" y="{y + 4.5}">{escape(self.text)}</text>'
        return f'<rect{kind} x="{x}" y="{y - 14}" width="{self.width}" height="28" rx="{corner}"/>{text}'


class Row:
    """One after the other."""

    def __init__(self, *parts: "Part") -> None:
        self.parts = parts
        self.width = sum(part.width for part in parts) + GAP * (len(parts) - 1)
        self.up, self.down = max(part.up for part in parts), max(part.down for part in parts)

    def draw(self, x: int, y: int) -> str:
        drawn = ""
        for n, part in enumerate(self.parts):
            if n:
                drawn += f'<path d="M{x} {y}h{GAP}"/>'
                x += GAP
            drawn += part.draw(x, y)
            x += part.width
        return drawn


class Choice:
    """One of these; None is a way past."""

    def __init__(self, *ways: "Part | None") -> None:
        self.ways = ways
        self.width = max(way.width for way in ways if way) + 2 * PAD
        self.up = ways[0].up if ways[0] else 6
        self.down, self.offsets = (ways[0].down if ways[0] else 6), [0]
        for way in ways[1:]:
            self.offsets.append(self.down + ROW + (way.up if way else 6))
            self.down = self.offsets[-1] + (way.down if way else 6)

    def draw(self, x: int, y: int) -> str:
        drawn, end = "", x + self.width
        for way, offset in zip(self.ways, self.offsets, strict=True):
            at, inner = y + offset, way.width if way else self.width - 2 * PAD
            if offset:
                drawn += f'<path d="M{x} {y}q{PAD / 2} 0 {PAD / 2} 10V{at - 10}q0 10 {PAD / 2} 10"/>'
                drawn += f'<path d="M{end} {y}q{-PAD / 2} 0 {-PAD / 2} 10V{at - 10}q0 10 {-PAD / 2} 10"/>'
            else:
                drawn += f'<path d="M{x} {y}h{PAD}M{end} {y}h{-PAD}"/>'
            drawn += f'<path d="M{x + PAD + inner} {at}H{end - PAD}"/>'
            drawn += way.draw(x + PAD, at) if way else f'<path d="M{x + PAD} {at}h{inner}"/>'
        return drawn


class Loop:
    """Once or more; `back` stands between two of them."""

    def __init__(self, part: "Part", back: "Part | None" = None) -> None:
        self.part, self.back = part, back
        self.width = max(part.width, back.width if back else 0) + 2 * PAD
        self.up = part.up
        self.offset = part.down + ROW + (back.up if back else 6)
        self.down = self.offset + (back.down if back else 6)

    def draw(self, x: int, y: int) -> str:
        end, at = x + self.width, y + self.offset
        drawn = f'<path d="M{x} {y}h{PAD}M{x + PAD + self.part.width} {y}H{end}"/>{self.part.draw(x + PAD, y)}'
        drawn += f'<path d="M{x + PAD} {y}q{-PAD / 2} 0 {-PAD / 2} 10V{at - 10}q0 10 {PAD / 2} 10H{end - PAD}'
        drawn += f'q{PAD / 2} 0 {PAD / 2} -10V{y + 10}q0 -10 {-PAD / 2} -10"/>'
        return drawn + (self.back.draw(x + (self.width - self.back.width) // 2, at) if self.back else "")


Part = Box | Row | Choice | Loop


def rule(name: str) -> Box:
    return Box(name, rule=True)


JOINT = Choice(Box("->"), Box("=>"))
DIAGRAMS: dict[str, Part] = {
    "pattern": Row(
        Choice(None, Row(Box("(start)"), JOINT)),
        Loop(Choice(rule("part"), rule("group"), Row(Box("!"), rule("event")),
                    Row(Box("!"), Box("("), Loop(rule("event"), Box("|")), Box(")"))), JOINT),
        Choice(None, Row(JOINT, Box("(end)"), Choice(None, Loop(rule("limit"))))),
    ),
    "part": Row(
        Choice(Loop(rule("event"), Box("|")), Row(Box("("), Loop(rule("event"), Box("|")), Box(")"))),
        Choice(None, Box("+"), Row(Box("{"), rule("count"), Choice(None, Box(","), Row(Box(","), rule("count"))),
                                   Box("}"))),
        Choice(None, Loop(rule("limit"))),
    ),
    "group": Row(Box("("), rule("pattern"), Box(")"), Choice(Box("within"), Box("under")), rule("time")),
    "limit": Choice(
        Row(Choice(Box("within"), Box("under")), rule("time"), Choice(None, Box("of start"))),
        Row(Choice(Box("after"), Box("over")), rule("time")),
        Row(Box("within"), rule("count"), Box("events")),
    ),
    "event": Row(
        Choice(Row(Choice(None, Box("event:")), rule("name")), Row(Box("page:"), rule("name")),
               Row(Box("element:"), rule("name")), Box("any")),
        Choice(None, Row(Box("["), Loop(rule("condition"), Choice(Box("and"), Box(","), Box("or"))), Box("]"))),
    ),
    "condition": Row(
        rule("field"),
        Choice(
            Row(Box("> >= < <= = !="), rule("value")),
            Row(Box("is"), Choice(None, Box("not")), rule("value")),
            Row(Box("is"), Choice(Box("known"), Box("unknown"))),
            Row(Choice(None, Box("not")), Choice(Box("contains"), Box("matches")), rule("value")),
            Row(Choice(None, Box("not")), Box("in"), Box("("), Loop(rule("value"), Box(",")), Box(")")),
        ),
    ),
}  # fmt: skip


def drawing() -> str:
    """All diagrams below each other, as one SVG."""
    body, y, width = "", 20, 0
    for name, diagram in DIAGRAMS.items():
        body += f'<text class="name" x="20" y="{y + 8}">{name}</text>\n'
        y += 30 + diagram.up
        end = 60 + diagram.width
        body += f'<path d="M20 {y - 8}v16M20 {y}H40"/><path d="M{40 + diagram.width} {y}H{end}M{end} {y - 8}v16"/>\n'
        body += diagram.draw(40, y) + "\n"
        y += diagram.down + 30
        width = max(width, end + 20)
    size = f'width="{width}" height="{y}" viewBox="0 0 {width} {y}"'
    title = "<title>The grammar of patterns as railroad diagrams</title>"
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">{title}<style>{STYLE}</style>\n{body}</svg>\n'


if __name__ == "__main__":
    Path(__file__).with_name("patterns.svg").write_text(drawing(), encoding="utf-8")
