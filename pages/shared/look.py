"""How the pages look: the one stylesheet, the viewer's palette, legends, and the house's way to draw a figure."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from analytics.charts import base
from analytics.charts.theme import DARK, LIGHT, Palette

# `st-key-*` classes are Streamlit's documented hook; the two on the header and the main block are not, and only trim
# margins. A chosen segment and a chosen pill get ink, since the primary colour is too dark for text in the dark theme.
STYLE = """<style>
.stAppHeader { background: transparent; height: 2.2rem; min-height: 2.2rem; pointer-events: none; }
.stAppHeader > * > * { pointer-events: auto; }
.stMainBlockContainer { padding: 1.5rem 2.5rem 3rem; max-width: 1340px; }
.st-key-answer p { font-size: 1.21rem; line-height: 1.45; max-width: 62em; }
:is(.st-key-head h1, [class*="st-key-quiet"] h4, [class*="st-key-finding"] h4) { padding: 0; }
:is([class*="st-key-quiet"], [class*="st-key-finding"]) p { font-size: 0.93rem; line-height: 1.4; }
[class*="st-key-wide"] { overflow-x: auto; } [class*="st-key-wide"] > * { min-width: 920px; }
.st-key-drop section { min-height: 7rem; align-items: center; }
.st-key-scope-chips button { justify-content: flex-start; text-align: left; }
.st-key-scope-chips button p { overflow-wrap: anywhere; }
:is([data-testid="stMarkdownContainer"]) :is(p, h1, h3, h4) { overflow-wrap: anywhere; }
:is(button[role="radio"][aria-checked="true"], button[aria-haspopup="dialog"]) :is(p, span) { color: INK; }
:is([data-testid="stMarkdownContainer"], [data-testid="stCaptionContainer"]) code { color: inherit; }
@media (max-width: 900px) {
  .stMainBlockContainer { padding: 1.5rem 1.25rem 2rem; }
  [class*="st-key-finding"] > :first-child { flex: 1 1 100%; }
}
</style>"""

# Streamlit recolours its own parts when the theme changes while a page is open, and runs nothing: figures coloured in
# Python would stay behind. This unseen component asks for one run.
FOLLOW = """
export default function({ parentElement, setStateValue }) {
  const host = parentElement.host ?? parentElement;
  const paper = () => getComputedStyle(host).getPropertyValue('--st-background-color').trim();
  let seen = paper();
  const timer = setInterval(() => {
    const now = paper();
    if (now !== seen) { seen = now; setStateValue('paper', now); }
  }, 500);
  return () => clearInterval(timer);
}
"""
_follow = st.components.v2.component("sessionscope_theme", html="<i></i>", js=FOLLOW)


def palette() -> Palette:
    """The colours of the theme that the viewer sees now."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def style() -> None:
    """Puts the stylesheet on the page; the frame calls it once per run."""
    st.html(STYLE.replace("INK", palette().ink))


def follow_theme() -> None:
    """Draws the page again when its theme changes; the frame calls it last."""
    _follow(key="theme", default={"paper": ""}, on_paper_change=lambda: None, height=1)


def legend(entries: Iterable[tuple[str, str]], note: str = "", glyphs: Mapping[str, str] | None = None) -> None:
    """Names with their colours on one line above a picture, any text; `glyphs` are shapes by name, else squares."""
    parts = []
    for name, colour in entries:
        square = (
            '<span style="display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:5px;'
            f'background:{colour}"></span>'
        )
        mark = f'<span style="color:{colour};margin-right:4px">{escape(glyphs[name])}</span>' if glyphs else square
        parts.append(f'<span style="white-space:nowrap">{mark}{escape(_cut(name))}</span>')
    if note:
        parts.append(f'<span style="color:{palette().muted};overflow-wrap:anywhere">{escape(note)}</span>')
    _line("flex-wrap:wrap;gap:0 1.1em", "".join(parts))


def legend_ramp(least: str, most: str, ramp: Sequence[str], note: str = "") -> None:
    """The scale of amounts: its colours from little to much between the words for its two ends."""
    band = (
        '<span style="width:110px;height:10px;border-radius:2px;'
        f'background:linear-gradient(to right,{",".join(ramp)})"></span>'
    )
    after = f'<span style="color:{palette().muted};margin-left:0.6em">{escape(note)}</span>' if note else ""
    _line("align-items:center;gap:0 0.6em", f"<span>{escape(least)}</span>{band}<span>{escape(most)}</span>{after}")


def _cut(name: str, most: int = 60) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"


def _line(how: str, inside: str) -> None:
    st.html(f'<div style="display:flex;{how};font-size:0.93rem">{inside}</div>')


def plotly(
    figure: go.Figure,
    key: str,
    on_select: Any = "ignore",
    *,
    selection_mode: Any = "points",
    alt: str = "",
    config: Mapping[str, Any] | None = None,
    **more: Any,
) -> Any:
    """Draws a figure of ours. With `on_select="rerun"`, or a callback, returns what is selected.

    Keep the figure the same when something is selected on it: Plotly forgets the selection when it changes.
    """
    return st.plotly_chart(
        figure,
        key=key,
        theme=None,
        config=base.CONFIG | dict(config or {}),
        on_select=on_select,
        selection_mode=selection_mode,
        alt=alt or None,
        **more,
    )
