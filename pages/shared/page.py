"""The head of a page: its question, what may be done with the answer, the scope in words, the answer itself."""

import csv
import html
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from analytics import registry, words
from analytics.query import Query
from analytics.store import Store
from pages.shared.ending import end
from pages.shared.look import palette
from pages.shared.navigation import link_to
from pages.shared.scope import current_scope, reset
from pages.shared.stores import store, zone
from pages.shared.text import escape
from pages.shared.waiting import answer

Rows = Sequence[Mapping[str, Any]] | Query
COPY = """
export default function({ parentElement }) {
  const button = parentElement.querySelector('button'), said = parentElement.querySelector('span');
  const usual = said.textContent;
  const tell = (text) => { said.textContent = text; setTimeout(() => { said.textContent = usual; }, 2000); };
  button.onclick = async () => {
    const link = window.location.href;
    try {
      await navigator.clipboard.writeText(link);
      tell('Copied');
    } catch (refused) {  // no clipboard for pages without https: the old way
      const field = document.createElement('textarea');
      field.value = link;
      document.body.appendChild(field);
      field.select();
      tell(document.execCommand('copy') ? 'Copied' : 'Not allowed here');
      field.remove();
    }
  };
}
"""
COPY_BUTTON = """<button type="button" title="Copy the link to this very view">
<svg viewBox="0 0 24 24" width="16" height="16" aria-hidden="true"><path fill="currentColor" d="M3.9 12a3.1 3.1 0 0 1
3.1-3.1h4V7H7a5 5 0 0 0 0 10h4v-1.9H7A3.1 3.1 0 0 1 3.9 12zM8 13h8v-2H8zm9-6h-4v1.9h4a3.1 3.1 0 0 1 0 6.2h-4V17h4a5 5 0
0 0 0-10z"/></svg><span role="status">Copy link</span></button>"""
COPY_STYLE = """
button { all: unset; box-sizing: border-box; display: inline-flex; align-items: center; gap: 7px; height: 35px;
  padding: 0 4px; font: inherit; font-size: 12px; white-space: nowrap; color: var(--st-text-color); cursor: pointer;
  border-radius: 4px; }
button:hover { color: var(--st-link-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); }
"""
_copy = st.components.v2.component("sessionscope_copy", html=COPY_BUTTON, css=COPY_STYLE, js=COPY)


@dataclass(frozen=True)
class Page:
    """A page whose head is drawn; the answer and the actions are put into it as they become known."""

    place_of_actions: Any
    place_of_answer: Any

    def answer(self, markdown: str) -> None:
        """One sentence with its figures in bold. Text from data in it goes through `escape` first."""
        with self.place_of_answer.container(key="answer"):
            st.markdown(markdown)

    def actions(
        self,
        queries: Sequence[Query] = (),
        rows: Rows = (),
        name: str = "sessionscope",
        figure: go.Figure | None = None,
    ) -> None:
        """Download (the `rows` as CSV, the `figure` as HTML), Show SQL, Copy link. `name` is that of the files.

        Rows given as a query are read when they are downloaded, all of them.
        """
        with self.place_of_actions.container(horizontal=True, width="content", gap="xsmall", key="head-actions"):
            if rows or figure is not None:
                _download(rows, name, figure)
            if queries:
                st.button("Show SQL", icon=":material/code:", type="tertiary", on_click=_show, args=(tuple(queries),))
            _copy(key="head-copy", width="content", height="content")


def head(question: str, scope: str | None = None) -> Page:
    """Draws the head. `scope`: what stands under the title, plain text; by default the sidebar's scope in words.

    With the sidebar's scope and no session in it, says so, offers everything instead, and ends the page.
    """
    with st.container(key="head", gap=None):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.title(escape(question), anchor=False, width="stretch")
            place_of_actions = st.empty()
        if scope is not None:
            st.caption(escape(scope))
        else:
            sessions = _sessions()
            own = st.context.timezone
            here = zone()
            st.caption(
                f"{words.many(sessions, 'session')}, {escape(current_scope().describe(), 400)}. Times in {here}.",
                help=f"Your own clock is set to {escape(own)}." if own and own != here else None,
            )
    page = Page(place_of_actions, st.empty())
    if scope is None and not sessions:
        page.answer("**No session** began on these days and fits these filters.")
        st.button("Show every session", icon=":material/filter_alt_off:", on_click=reset)
        end()
    return page


def _sessions() -> int:
    within = current_scope()
    count = within.query(registry.COUNT)
    return answer(("sessions", count.key), lambda reader: registry.sessions_in(reader, within))


def _download(rows: Rows, name: str, figure: go.Figure | None) -> None:
    here, paper = store(), palette().paper
    with st.popover("Download", icon=":material/download:", type="tertiary"):
        if rows:
            st.download_button(
                "Figures (CSV)",
                lambda: as_csv(rows, here),
                f"{name}.csv",
                "text/csv",
                on_click="ignore",
                type="tertiary",
                icon=":material/table:",
                key="head-csv",
            )
        if figure is not None:
            st.download_button(
                "Picture (HTML)",
                lambda: as_html(figure, name, paper),
                f"{name}.html",
                "text/html",
                on_click="ignore",
                type="tertiary",
                icon=":material/image:",
                key="head-html",
            )


def as_csv(rows: Rows, source: Store) -> bytes:
    """Rows as CSV in UTF-8, a query's from `source`. What a spreadsheet would run gets an apostrophe in front."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if isinstance(rows, Query):
        for batch in source.batches(rows):
            writer.writerows([_harmless(value) for value in row] for row in batch)
    else:
        columns = list(dict.fromkeys(column for row in rows for column in row))
        writer.writerow(columns)
        writer.writerows([_harmless(row.get(column)) for column in columns] for row in rows)
    return text.getvalue().encode()


def as_html(figure: go.Figure, title: str, paper: str) -> bytes:
    """A page of its own that needs no network: the figure on `paper`, with the library that draws it."""
    figure = go.Figure(figure).update_layout(paper_bgcolor=paper)
    whole = figure.to_html(include_plotlyjs=True, full_html=True, config={"displaylogo": False})
    return whole.replace("<head>", f"<head><title>{html.escape(title)}</title>", 1).encode()


def _harmless(value: object) -> object:
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return "" if value is None else value


def _show(queries: tuple[Query, ...]) -> None:
    _sql(queries)


@st.dialog("The questions behind this page, in SQL", width="large")
def _sql(queries: tuple[Query, ...]) -> None:
    st.caption("Exactly what was asked of the store; the values travel apart from the text and are listed above it.")
    for query in queries:
        st.code(query.text(), language="sql", wrap_lines=True)


def empty_store() -> None:
    """The page of a store that holds nothing yet, and the way on."""
    st.title("Nothing has been brought in yet", anchor=False)
    with st.container(key="answer"):
        st.markdown(
            "This store is empty. Bring in an export of your product's events, and every page has something to say."
        )
    link_to("import", "Bring in events")
