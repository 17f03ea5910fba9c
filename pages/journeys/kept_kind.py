"""A kind of sessions, kept: as a segment of the team's, or as a filter of the scope."""

import json
from dataclasses import replace

import streamlit as st

from analytics import registry
from analytics.clustering import Cluster
from analytics.errors import AnalyticsError
from analytics.scope import Scope
from analytics.workspace import saved, segments
from pages.shared import current_scope, escape, link_to, store
from pages.shared.bar.filters import only_kind

REFUSED, SAVED = "kind-refused", "kind-saved"


def offer(cluster: Cluster) -> None:
    """Draws what may be done with a kind; says what was done."""
    if current_scope().cluster is not None:
        st.caption(
            "The scope is one kind already, and holds no second one. Save it as a segment and choose that instead: "
            "then its kinds can be kept too."
        )
        return
    st.button(
        "Only these",
        key="kind-only",
        icon=":material/filter_alt:",
        type="tertiary",
        on_click=only_kind,
        args=(cluster,),
        help="Every page then counts the sessions of this kind alone.",
    )
    if not store().read_only:
        with st.popover("Save as a segment", icon=":material/bookmark_add:", type="tertiary", key="kind-keep"):
            _save(cluster)
    if refused := st.session_state.pop(REFUSED, ""):
        st.warning(escape(refused, 300), icon=":material/error:")
    name, of = st.session_state.get(SAVED, ("", None))
    if of == cluster:
        sides = {"before": registry.dump(Scope(outside=name)), "after": registry.dump(Scope(segment=name))}
        st.caption(f"Saved as the segment “{escape(name, 60)}”, to be chosen at the left.")
        link_to("compare", "Compare with all others", {"p": json.dumps(sides, ensure_ascii=False)})


def _save(cluster: Cluster) -> None:
    widget = f"kind-name-{cluster.name}"
    st.text_input("Name", cluster.name[: saved.LONGEST], max_chars=saved.LONGEST, key=widget, width=300)
    name = " ".join(st.session_state[widget].split())
    st.button("Save", key="kind-save", disabled=not name, on_click=_keep, args=(cluster, name))
    st.caption("Kept are the filters at the left and what makes this kind, without the days.")


def _keep(cluster: Cluster, name: str) -> None:
    try:
        whole = current_scope().narrowed(Scope(cluster=replace(cluster, name=name)))
        segments.save(store(), name, whole)
    except AnalyticsError as error:
        st.session_state[REFUSED] = str(error)
    else:
        st.session_state[SAVED] = (name, cluster)
