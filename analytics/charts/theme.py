"""Every colour of the product, for both themes.

Four kinds of colour that never mix:

- `series` tells things apart: devices, page groups. Blue and orange first; no green and no red among them, because
- `good` and `bad` judge, and only they do. They always stand beside a shape or a word.
- `amounts` goes from the page's own colour away from it in one hue, lightness always in one direction.
- `changes` goes from less (orange) over nothing (the page) to more (blue).

.streamlit/config.toml repeats them for Streamlit's own parts; tests/pages/test_theme.py holds the two together and
measures contrasts, also as seen by colour-blind people.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """The colours of one theme, each `#RRGGBB`."""

    paper: str  # the page
    panel: str  # a quiet surface on it: table heads, wireframes
    rule: str  # hairlines and grids
    ink: str  # text, and the line that matters
    muted: str  # text that steps back: axes, captions; still 4.5:1
    context: str  # what is only there to compare with: "left", other weeks
    good: str
    bad: str
    series: tuple[str, ...]
    amounts: tuple[str, ...]  # ten, from little to much
    changes: tuple[str, ...]  # ten, from less to more

    @property
    def is_dark(self) -> bool:
        """Whether text is lighter than the page."""
        return self.paper < self.ink  # as text: equal lengths, so the brighter one is the greater


LIGHT = Palette(
    paper="#FDFCFA", panel="#F3F1EC", rule="#E4E0D8", ink="#14181D", muted="#62666B", context="#8C8F93",
    good="#007A74", bad="#C0263A",
    series=("#0067A5", "#CB6510", "#4A98CF", "#8A2F6B", "#3F3C0C", "#857300", "#5B4B9A", "#6B6F74"),
    amounts=(
        "#FDF3DF", "#FBE2B5", "#F9CE88", "#F5B55C", "#EC9638", "#DB7423", "#BF541B", "#993A18", "#702715", "#481910",
    ),
    changes=(
        "#853B10", "#B4581B", "#D98242", "#EBAF85", "#F3DDCD", "#DCE7EF", "#A2C6E2", "#5E9DCC", "#226FA9", "#0B4A7A",
    ),
)  # fmt: skip

DARK = Palette(
    paper="#14171A", panel="#1E2226", rule="#2C3137", ink="#E8E6E1", muted="#A2A6AB", context="#7C8288",
    good="#4CD0C0", bad="#F2637A",
    series=("#4A97D4", "#E8923A", "#A9D6F5", "#C566AB", "#FBF6C4", "#B3A02E", "#A59BE8", "#9BA0A6"),
    amounts=(
        "#241D17", "#3C2918", "#5A3518", "#7E4419", "#A4561D", "#C86E26", "#E38D3B", "#F3AF62", "#FBD196", "#FEF0D2",
    ),
    changes=(
        "#FFC78F", "#F2A155", "#C67A35", "#8A5A33", "#4A3B30", "#2B3B48", "#33618A", "#3F86BF", "#68B0E6", "#A8D8FB",
    ),
)  # fmt: skip

KNOWN_DEVICES = ("desktop", "phone", "tablet")
SAME_DEVICE = {"mobile": "phone", "smartphone": "phone", "computer": "desktop", "pc": "desktop"}


def device_colours(palette: Palette, devices: Iterable[str]) -> dict[str, str]:
    """A colour per device, the same on every page: desktop blue, phone orange, tablet sky, others in their order."""
    names = list(devices)
    rank = {name: SAME_DEVICE.get(name.lower(), name.lower()) for name in names}
    taken = {KNOWN_DEVICES.index(kind) for kind in rank.values() if kind in KNOWN_DEVICES}
    spare = [n for n in range(len(palette.series)) if n not in taken and n >= len(KNOWN_DEVICES)]
    spare += [n for n in range(len(KNOWN_DEVICES)) if n not in taken]
    colours: dict[str, str] = {}
    others = 0
    for name in names:
        if rank[name] in KNOWN_DEVICES:
            colours[name] = palette.series[KNOWN_DEVICES.index(rank[name])]
        else:
            colours[name] = palette.series[spare[others % len(spare)]] if spare else palette.context
            others += 1
    return colours


def tint(colour: str, paper: str, share: float = 0.24) -> str:
    """`colour` thinned with the page: the ground of a tag, on which ink stays readable."""
    mixed = (round(share * int(colour[i : i + 2], 16) + (1 - share) * int(paper[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{part:02X}" for part in mixed)


def with_alpha(colour: str, alpha: float) -> str:
    """`#RRGGBB` as `rgba(...)`, which Plotly, ECharts and SVG all read; `alpha` from 0 (clear) to 1."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"
