"""What every page uses: the store, the scope, an answer, the page's head, lists of sessions, links, colours."""

from pages.shared.asking import ask, explain
from pages.shared.ending import end
from pages.shared.links import (
    key,
    open_params,
    read_params,
    read_selection,
    read_view,
    write_params,
    write_selection,
    write_view,
)
from pages.shared.lists import LIST_SIZE, page_of, session_list, sessions_behind
from pages.shared.look import legend, legend_ramp, palette, plotly
from pages.shared.navigation import go_to, link_to
from pages.shared.page import Page, head
from pages.shared.scope import add_filter, current_scope, extent, link_of
from pages.shared.stores import store, zone
from pages.shared.text import escape

__all__ = [
    "LIST_SIZE",
    "Page",
    "add_filter",
    "ask",
    "current_scope",
    "end",
    "escape",
    "explain",
    "extent",
    "go_to",
    "head",
    "key",
    "legend",
    "legend_ramp",
    "link_of",
    "link_to",
    "open_params",
    "page_of",
    "palette",
    "plotly",
    "read_params",
    "read_selection",
    "read_view",
    "session_list",
    "sessions_behind",
    "store",
    "write_params",
    "write_selection",
    "write_view",
    "zone",
]
