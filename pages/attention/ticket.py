"""The summary of a session for a ticket, to be copied."""

from functools import partial
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from analytics.charts import session_summary

FORMS = {"Markdown": session_summary.markdown, "Plain text": session_summary.plain}


def link_at(session_id: str, at: int) -> str:
    """The absolute address of a moment of the session."""
    address = urlsplit(st.context.url or "")
    query = urlencode({"session": session_id} | ({"at": at} if at else {}))
    return urlunsplit((address.scheme, address.netloc, address.path or "/session", query, ""))


def ticket(summary: session_summary.Summary) -> None:
    """The session as text, to be pasted where the work is tracked."""
    with st.popover("Summary for a ticket", icon=":material/description:", type="tertiary"):
        st.caption("From facts alone, with a link to each moment; what was typed is not in it.")
        form = st.segmented_control(
            "Form", list(FORMS), default="Markdown", required=True, label_visibility="collapsed"
        )
        text = FORMS[form](summary, partial(link_at, summary.session.session_id))
        st.code(text, language="markdown" if form == "Markdown" else None, wrap_lines=True, height=420)
