"""The registry of pages: a line each. The navigation, the links between pages and the titles come from here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import streamlit as st

PAGES = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Entry:
    """A page: where it stands in the navigation and in the folder. `scoped`: it counts the sessions of the sidebar."""

    url: str
    section: str
    file: str
    title: str
    icon: str
    scoped: bool = True

    @property
    def path(self) -> Path:
        """Absolute: Streamlit would resolve a relative one against whatever folder it was started in."""
        return PAGES / self.file

    def page(self) -> st.Page:
        """As Streamlit knows it, by its `url`."""
        return st.Page(
            self.path, title=self.title, icon=f":material/{self.icon}:", url_path=self.url, default=self.url == HOME
        )


HOME = "overview"
ENTRIES = (
    Entry("overview", "", "overview/summary.py", "Overview", "home"),
    Entry("funnel", "Journeys", "journeys/funnel.py", "Funnel", "filter_alt"),
    Entry("paths", "Journeys", "journeys/paths.py", "Paths", "route"),
    Entry("transitions", "Journeys", "journeys/transitions.py", "Transitions", "swap_horiz"),
    Entry("top-paths", "Journeys", "journeys/top_paths.py", "Whole sessions", "format_list_numbered"),
    Entry("kinds", "Journeys", "journeys/clusters.py", "Kinds of sessions", "workspaces"),
    Entry("retention", "Journeys", "journeys/retention.py", "Retention", "event_repeat"),
    Entry("heatmap", "Attention", "attention/heatmap.py", "Heatmap", "blur_on"),
    Entry("elements", "Attention", "attention/elements.py", "Elements", "ads_click"),
    Entry("sessions", "Attention", "attention/sessions.py", "Sessions", "view_list"),
    Entry("session", "Attention", "attention/session.py", "One session", "play_circle", scoped=False),
    Entry("compare", "Changes", "changes/compare.py", "Before and after", "compare_arrows"),
    Entry("releases", "Changes", "changes/releases.py", "Releases", "rocket_launch"),
    Entry("page-groups", "Data", "data/groups.py", "Groups of pages", "category", scoped=False),
    Entry("import", "Data", "data/bring.py", "Import", "upload", scoped=False),
    Entry("sources", "Data", "data/sources.py", "Data sources", "database", scoped=False),
)


def registered() -> dict[str, Entry]:
    """The pages that are there, by `url`."""
    return {entry.url: entry for entry in ENTRIES if entry.path.exists()}


def sections() -> dict[str, list[st.Page]]:
    """As `st.navigation` takes them."""
    found: dict[str, list[st.Page]] = {}
    for entry in registered().values():
        found.setdefault(entry.section, []).append(entry.page())
    return found


def go_to(url: str, query: Mapping[str, str | Sequence[str]] | None = None) -> NoReturn:
    """Leaves for the page `url`, which opens on `query`; the scope goes along. Not for callbacks."""
    st.switch_page(registered()[url].page(), query_params=query)


def link_to(url: str, label: str, query: Mapping[str, str | Sequence[str]] | None = None, **more: Any) -> None:
    """A link to the page `url` that keeps the browser's session; nothing while that page does not exist."""
    if entry := registered().get(url):
        more.setdefault("icon", f":material/{entry.icon}:")
        st.page_link(entry.page(), label=label, query_params=query, **more)
