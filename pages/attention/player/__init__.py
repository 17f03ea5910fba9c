"""The player of one session: its stage, its events in step beside it, and a time axis on which pauses are folded.

A component without a build step: player.html, .css and .js in this folder. `analytics.charts.session_player`
says what it draws. It animates in the browser and tells Python only where it was stopped (`at`, ms since the start).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from analytics.charts import session_player

HERE = Path(__file__).parent
_component = st.components.v2.component(
    "session_player",
    html=(HERE / "player.html").read_text(encoding="utf-8"),
    css=(HERE / "player.css").read_text(encoding="utf-8"),
    js=(HERE / "player.js").read_text(encoding="utf-8"),
)


def player(session_id: str, drawn: Mapping[str, Any], start_ms: int) -> int:
    """Draws `drawn` from `start_ms` on; the moment, in ms, at which it was stopped."""
    columns = pd.DataFrame(session_player.packed(drawn["columns"]))
    stopped = _component(
        key=f"player-{session_id}",
        data={**drawn, "columns": columns, "session": session_id, "start": start_ms},
        default={"at": start_ms},
        on_at_change=lambda: None,
        height="content",
    )
    return int(stopped.at or 0)
