"""The frame of every page: logo, navigation, the scope in the sidebar. It runs first, whatever page is asked."""

from pathlib import Path

import streamlit as st

from pages.data import under_way
from pages.shared import links, look, navigation, scope
from pages.shared.ending import PageEnd
from pages.shared.page import empty_store

ASSETS = Path(__file__).resolve().parent / "assets"

# Before the navigation: else the page's symbol becomes the tab's icon, fetched from another host.
st.set_page_config("Sessionscope", page_icon=str(ASSETS / "mark.svg"), layout="wide", initial_sidebar_state=250)
look.style()
st.logo(
    str(ASSETS / ("wordmark-dark.svg" if look.palette().is_dark else "wordmark-light.svg")),
    icon_image=str(ASSETS / "mark.svg"),
    size="large",
)
pages = st.navigation(navigation.sections(), expanded=True)
entry = navigation.registered()[pages.url_path or navigation.HOME]
links.entered(entry.url)
with st.sidebar:
    look.follow_theme()
    if entry.url not in ("import", "sources"):  # they say it at length
        under_way.line()
try:
    if not entry.scoped:
        scope.without_bar()
        pages.run()
    elif scope.extent().sessions:
        scope.draw()
        pages.run()
    else:
        empty_store()
except PageEnd:
    pass
links.flush()  # not when the page is left: its link no longer matters
