"""How a heatmap is drawn: the size of its squares, how far they are smoothed, how strong they are, and on which picture
of the page, which anyone may upload."""

from dataclasses import dataclass

import streamlit as st

from analytics import words
from analytics.errors import AnalyticsError
from analytics.workspace import pictures
from analytics.workspace.pictures import MOST_WIDTH, Picture
from pages.shared import escape, key, store

SPREADS = {0: "None", 4: "4 px", 8: "8 px", 13: "13 px", 25: "25 px", 40: "40 px"}
CELLS = (5, 10, 20, 40)
FILES = ["png", "jpg", "jpeg", "svg"]
REFUSED = "picture-refused"  # why the last picture was not taken, said once


@dataclass(frozen=True)
class Look:
    """`cell` and `spread` are CSS pixels, `strength` is 0.2 to 1."""

    cell: int
    spread: int
    strength: float


def choose(page: str, picture: Picture | None, width: int | None, *, small: bool) -> Look:
    """Draws the choices. `width` is the window's usual one; `small`: finer squares are usual."""
    usual = 5 if small else 10
    with st.container(horizontal=True, gap="small"):
        with (
            st.popover("How it is drawn", icon=":material/tune:", type="tertiary", key="drawing"),
            st.container(width=300),
        ):
            spread = st.select_slider("Smoothing", list(SPREADS), 13, format_func=SPREADS.get, key=key("spread"))
            cell = st.select_slider(
                "Size of a square", CELLS, usual, format_func=lambda size: f"{size}{words.SPACE}px",
                key=key(f"cell-{usual}"), help="Clicks are counted in squares before they are smoothed.",
            )  # fmt: skip
            strength = st.slider("Strength of the colours", 20, 100, 100, 10, format="%d %%", key=key("strength"))
        _picture(page, picture, width)
    if refused := st.session_state.pop(REFUSED, None):
        st.error(escape(refused, 400))
    return Look(cell, spread, strength / 100)


def other_size(picture: Picture | None, height: int | None) -> str:
    """What is wrong with the picture of a page that is up to `height` CSS pixels high; empty: nothing."""
    if picture is None or not height or 0.75 < height / picture.height < 1.34:
        return ""
    return (
        f"The picture is {words.count(picture.height)}{words.SPACE}px high, and events say that the page is up to "
        f"{words.count(height)}{words.SPACE}px: it may show another state of the page, or need another width."
    )


def _picture(page: str, picture: Picture | None, width: int | None) -> None:
    with (
        st.popover("Picture of the page", icon=":material/image:", type="tertiary", key="picture"),
        st.container(width=340),
    ):
        if picture:
            windows = f", for windows from {words.count(picture.min_width)}{words.SPACE}px" if picture.min_width else ""
            st.caption(
                f"Drawn on the picture of {escape(picture.page, 80)}{windows}: {words.count(picture.width)} × "
                f"{words.count(picture.height)}{words.SPACE}px."
            )
        else:
            st.caption("No picture fits, so the page is drawn from where its elements were clicked.")
        if store().read_only:
            return
        st.file_uploader(
            "A screenshot of the whole page", FILES, key="page-picture",
            help="PNG, JPEG or SVG of at most 8 MB. It is written anew; what runs or loads something is refused.",
        )  # fmt: skip
        st.text_input("For the pages", page, key=key(f"picture-of-{page}"), help="`*` stands for anything.")
        left, right = st.columns(2)
        left.number_input(
            "Page's width, px", 1, MOST_WIDTH, width, key=key(f"picture-width-{page}-{width}"),
            help="In CSS pixels: a screenshot of a phone has two or three pixels for one.",
        )  # fmt: skip
        right.number_input(
            "For windows from, px", 0, MOST_WIDTH, _narrowest(width), key=key(f"picture-from-{page}-{width}"),
        )  # fmt: skip
        with st.container(horizontal=True, gap="small"):
            st.button("Use it", icon=":material/check:", on_click=_add, args=(page, width))
            if picture:
                st.button(
                    "Remove the present one", icon=":material/delete:", type="tertiary", on_click=_remove,
                    args=(picture.page, picture.min_width),
                )  # fmt: skip


def _narrowest(width: int | None) -> int:
    """Where the kind of windows of this width begins: a phone's picture is for any."""
    return next((edge for edge in (1024, 600) if width is not None and width >= edge), 0)


def _add(page: str, width: int | None) -> None:
    given = st.session_state.get("page-picture")
    if given is None:
        st.session_state[REFUSED] = "Choose a picture first."
        return
    fields = (f"picture-of-{page}", f"picture-from-{page}-{width}", f"picture-width-{page}-{width}")
    pages, least, shown = (st.session_state[key(field)] for field in fields)
    try:
        pictures.add(store(), pages.strip(), given.getvalue(), min_width=least or 0, width=shown)
    except AnalyticsError as error:
        st.session_state[REFUSED] = str(error)


def _remove(page: str, least: int) -> None:
    try:
        pictures.remove(store(), page, least)
    except AnalyticsError as error:
        st.session_state[REFUSED] = str(error)
