"""The palette: the same colours for Streamlit as for pictures, readable, and apart for colour-blind people too."""

import itertools
import tomllib
from pathlib import Path

import pytest

from analytics.charts.theme import DARK, LIGHT, device_colours, tint, with_alpha

CONFIG = tomllib.loads((Path(__file__).parent.parent.parent / ".streamlit" / "config.toml").read_text("utf-8"))
THEMES = pytest.mark.parametrize(("name", "palette"), [("light", LIGHT), ("dark", DARK)])

# Machado, Oliveira and Fernandes (2009), full severity, on linear RGB
BLINDNESS = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def linear(colour: str) -> tuple[float, ...]:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


def luminance(colour: str) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def lab(rgb: tuple[float, ...]) -> tuple[float, ...]:
    red, green, blue = (min(max(part, 0.0), 1.0) for part in rgb)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def seen(colour: str, kind: str) -> tuple[float, ...]:
    rgb = linear(colour)
    return tuple(sum(weight * part for weight, part in zip(row, rgb, strict=True)) for row in BLINDNESS[kind])


def distance(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    return sum((a - b) ** 2 for a, b in zip(lab(one), lab(other), strict=True)) ** 0.5


@THEMES
def test_streamlit_has_the_same_colours(name, palette):
    theme = CONFIG["theme"][name]
    assert theme["backgroundColor"] == palette.paper
    assert theme["secondaryBackgroundColor"] == palette.panel
    assert theme["textColor"] == palette.ink
    assert (theme["greenColor"], theme["redColor"]) == (palette.good, palette.bad)
    assert tuple(theme["chartCategoricalColors"]) == palette.series
    assert tuple(theme["chartSequentialColors"]) == palette.amounts
    assert tuple(theme["chartDivergingColors"]) == palette.changes


@THEMES
def test_text_is_readable_and_marks_are_seen(name, palette):
    for text in (palette.ink, palette.muted, palette.good, palette.bad):
        assert contrast(text, palette.paper) >= 4.5
    for mark in (*palette.series, palette.context):
        assert contrast(mark, palette.paper) >= 3
    assert contrast(palette.ink, tint(palette.bad, palette.paper)) >= 4.5


@THEMES
@pytest.mark.parametrize("kind", sorted(BLINDNESS))
def test_what_is_told_apart_by_colour_is_apart_for_everybody(name, palette, kind):
    for one, other in itertools.combinations(palette.series[:4], 2):
        assert distance(seen(one, kind), seen(other, kind)) > 10
    assert distance(seen(palette.good, kind), seen(palette.bad, kind)) > 20
    assert distance(seen(palette.changes[0], kind), seen(palette.changes[-1], kind)) > 40


@THEMES
def test_more_is_always_further_from_the_page(name, palette):
    away = [contrast(colour, palette.paper) for colour in palette.amounts]
    assert away == sorted(away)
    assert palette.is_dark == (name == "dark")


def test_a_device_has_one_colour_on_every_page():
    assert device_colours(LIGHT, ["phone", "desktop"]) == {"phone": LIGHT.series[1], "desktop": LIGHT.series[0]}
    assert device_colours(LIGHT, ["Mobile", "tv"]) == {"Mobile": LIGHT.series[1], "tv": LIGHT.series[3]}
    many = device_colours(LIGHT, [f"d{n}" for n in range(20)])
    assert len(many) == 20


def test_alpha():
    assert with_alpha("#0067A5", 0.14) == "rgba(0,103,165,0.14)"
