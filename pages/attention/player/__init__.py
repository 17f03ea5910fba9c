"""The player of one session: its stage, its events in step beside it, and a time axis on which pauses are folded.

A component without a build step: player.html, .css and .js in this folder. `analytics.charts.timeline.player` says what
it draws. It animates in the browser and tells Python only where it was stopped (`at`, ms since the session's start).
"""

from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent
player = st.components.v2.component(
    "session_player",
    html=(HERE / "player.html").read_text(encoding="utf-8"),
    css=(HERE / "player.css").read_text(encoding="utf-8"),
    js=(HERE / "player.js").read_text(encoding="utf-8"),
)
