"""Retention: whether people come back; on how many days; and who is new, returning, back again, or gone."""

import streamlit as st

from pages.journeys import coming_back, habits, view
from pages.shared import head, key, read_view

SHOWN = {"retention": "Retention", "stickiness": "Stickiness", "lifecycle": "Lifecycle"}
DRAW = {"retention": coming_back.draw, "stickiness": habits.stickiness_view, "lifecycle": habits.lifecycle_view}

page = head("Do people come back?")
given = read_view().get("show", "retention")
given = given if given in SHOWN else "retention"
shown = st.segmented_control(
    "View",
    list(SHOWN),
    default=given,
    format_func=SHOWN.get,
    required=True,
    key=key("show"),
    label_visibility="collapsed",
)
view.keep("show", shown, "retention")
DRAW[shown](page, fresh=shown != given)
