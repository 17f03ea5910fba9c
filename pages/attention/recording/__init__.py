"""The recorded page of a session, played by rrweb's player where that is installed.

A component without a build step: recording.html, .css and .js in this folder. The player runs in a frame whose policy
lets nothing be fetched, and shows the recorded page in a frame within that may run no script.
"""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from analytics import recordings, recordings_player
from pages.shared import store

HERE = Path(__file__).parent
PAGE, SKETCH = "Recorded page", "Sketch"
MOST_LISTED = 3000  # events beside the page; a longer list is the sketch's
_component = st.components.v2.component(
    "recorded_page",
    html=(HERE / "recording.html").read_text(encoding="utf-8"),
    css=(HERE / "recording.css").read_text(encoding="utf-8"),
    js=(HERE / "recording.js").read_text(encoding="utf-8"),
)


def show(session_id: str, start_ms: int, drawn: Mapping[str, Any] | None = None) -> int | None:
    """Draws the recorded page at `start_ms` of the session; returns the moment, in ms, at which it was stopped.

    `drawn` is what the sketch would draw (`charts.session_player`): its events are listed beside the page.
    None: nothing was drawn, because there is no recording, no player (which is then said), or the sketch is preferred.
    """
    there = recordings.of_session(store(), session_id)
    if not there:
        return None
    player = recordings_player.installed()
    if player is None:
        st.caption(
            f"The pages of this session were recorded. `{recordings_player.COMMAND}` fetches the player for them; "
            "until then they are sketched."
        )
        return None
    chosen = st.segmented_control(
        "Shown as", (PAGE, SKETCH), default=PAGE, required=True, key="shown-as", label_visibility="collapsed"
    )
    if chosen != PAGE:
        return None
    recording = recordings.at(there, start_ms)
    if len(there) > 1:
        recording = st.selectbox(
            "Recording",
            there,
            index=there.index(recording),
            format_func=lambda one: f"{_clock(one.starts_ms)} to {_clock(one.starts_ms + one.length_ms)}",
            help="The session was recorded in several windows, or exported more than once.",
            key=f"recorded-{session_id}",
            width=240,
        )
    stopped = _component(
        key=f"recording-{session_id}",
        data={
            "session": session_id,
            "recording": recording.sha256,
            "packed": base64.b64encode(recordings.packed(store(), recording)).decode(),
            "starts": recording.starts_ms,
            "start": start_ms,
            "script": player.script,
            "style": player.style,
            "events": _listed(drawn) if drawn else [],
        },
        default={"at": start_ms},
        on_at_change=lambda: None,
        height="content",
    )
    return int(stopped.at or 0)


def _listed(drawn: Mapping[str, Any]) -> list[list[object]]:
    """(ms, words, kind, note, colour) of each event but the pointer's ways."""
    columns, kinds, flags = drawn["columns"], drawn["kinds"], drawn["flags"]
    rows: list[list[object]] = []
    for ms, kind, say, flag in zip(*(map(int, columns[name]) for name in ("t", "kind", "say", "flag")), strict=True):
        if kinds[kind] != "move" and len(rows) < MOST_LISTED:
            note = flags[flag] if 0 <= flag < len(flags) else {"note": "", "colour": ""}
            rows.append([ms, drawn["words"][say], kinds[kind], note["note"], note["colour"]])
    return rows


def _clock(ms: int) -> str:
    seconds = max(0, ms) // 1000
    return f"{seconds // 60}:{seconds % 60:02}"
