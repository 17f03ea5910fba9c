"""The recorded page of a session, played by rrweb's player where that is installed.

A component without a build step: recording.html, .css and .js in this folder. The player runs in a frame whose policy
lets nothing be fetched, and shows the recorded page in a frame within that may run no script.
"""

import base64
from pathlib import Path

import streamlit as st

from analytics import recordings, recordings_player
from pages.shared import store

HERE = Path(__file__).parent
PAGE, SKETCH = "Recorded page", "Sketch"
_component = st.components.v2.component(
    "recorded_page",
    html=(HERE / "recording.html").read_text(encoding="utf-8"),
    css=(HERE / "recording.css").read_text(encoding="utf-8"),
    js=(HERE / "recording.js").read_text(encoding="utf-8"),
)


def show(session_id: str, start_ms: int) -> int | None:
    """Draws the recorded page at `start_ms` of the session; returns the moment, in ms, at which it was stopped.

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
        },
        default={"at": start_ms},
        on_at_change=lambda: None,
        height="content",
    )
    return int(stopped.at or 0)
