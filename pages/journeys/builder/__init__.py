"""The step builder of the funnel: its rows, the editor of one step, and what else is chosen for a funnel.

Every choice lives in the link: a widget's callback puts the changed funnel there, and the page is drawn from it.
`rows` is a component without a build step (rows.html, .css and .js in this folder): it moves rows by dragging and by
keys, and tells what was done with one (`did`: open, move, copy or drop, with the step's number and where it goes).
"""

from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent
rows = st.components.v2.component(
    "funnel_steps",
    html=(HERE / "rows.html").read_text(encoding="utf-8"),
    css=(HERE / "rows.css").read_text(encoding="utf-8"),
    js=(HERE / "rows.js").read_text(encoding="utf-8"),
)
