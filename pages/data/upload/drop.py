"""The field for files, and what has been dropped there."""

from pathlib import Path

import streamlit as st
from streamlit import config

from pages.data.upload.disk import Upload, uploads
from pages.data.upload.route import SLICE

HERE = Path(__file__).parent
TICKET = "upload-ticket"
KEY = "upload"
_component = st.components.v2.component(
    "sessionscope_upload",
    html=(HERE / "drop.html").read_text(encoding="utf-8"),
    css=(HERE / "drop.css").read_text(encoding="utf-8"),
    js=(HERE / "drop.js").read_text(encoding="utf-8"),
)


def ticket() -> str:
    """This browser's; a new one when the old one has run out."""
    mine: str | None = st.session_state.get(TICKET)
    if mine is None or not uploads.knows(mine):
        mine = st.session_state[TICKET] = uploads.issue()
    return mine


def draw(said: str) -> list[Upload]:
    """Draws the field with `said` under its first words; the files dropped so far, on their way or whole."""
    mine = ticket()
    files = uploads.files(mine)
    base = str(config.get_option("server.baseUrlPath") or "").strip("/")
    _component(
        key=KEY,
        data={
            "ticket": mine,
            "address": f"/{base}/api/upload" if base else "/api/upload",
            "slice": SLICE,
            "words": said,
            "files": [
                {
                    "id": one.id,
                    "name": one.name,
                    "size": one.size,
                    "modified": one.modified,
                    "received": one.received,
                }
                for one in files
            ],
        },
        default={"ticket": ""},
        on_ticket_change=_take_up,
        on_changed_change=lambda: None,
        height="content",
    )
    return files


def _take_up() -> None:
    """The page was loaded again: its browser shows the ticket that it had before, and goes on with those files."""
    before = str(st.session_state[KEY].get("ticket") or "")
    if uploads.knows(before):
        st.session_state[TICKET] = before
