"""Import: bring files in, say what their columns mean, and see what became of every row."""

import contextlib

import streamlit as st

from analytics import words
from analytics.errors import AnalyticsError
from analytics.ingest.readers import said
from pages.data import choosing, jobs, reports, under_way
from pages.shared import escape, explain, head

TITLE = "Bring your data"
SCOPE = "Files stay on this machine. Nothing is counted twice: what is here already is left out."


def reported() -> int | None:
    """The load that the link names, if there is such a one."""
    with contextlib.suppress(ValueError):
        load = int(st.query_params.get("load", ""))
        if reports.of_load(load):
            return load
    if "load" in st.query_params:
        st.warning("The link's import is not in this store.", icon=":material/link_off:")
    return None


def again() -> None:
    """For the button that leads from a report to the next import."""
    choosing.forget_files()
    st.query_params.pop("load", None)


def report(load: int) -> None:
    """What became of an import."""
    files = reports.of_load(load)
    names = words.listed([one.file for one in files[:4]]) + (f" and {len(files) - 4} more" if len(files) > 4 else "")
    took = words.duration(sum(one.seconds for one in files))
    page = head(
        TITLE,
        f"{names}, brought in on {words.moment(files[0].started)} (UTC) in {took}: "
        f"{words.many(sum(one.sessions for one in files), 'session')}.",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        reports.ways_on(files)
        st.button("Bring in more", icon=":material/upload:", type="tertiary", on_click=again)
        if not choosing.is_sample():
            numbers = [one.import_id for one in files]
            with st.popover("Take it back", icon=":material/undo:", type="tertiary"):
                st.markdown("Its events leave the store, and the sessions they were in are made again.")
                work = jobs.take_back(numbers)
                st.button("Take it back now", on_click=under_way.begin, args=(f"Taking {names} back", work))
    reasons, holes = reports.draw(load, files)
    page.answer(reports.sentence(files, reasons, holes))
    rows = [{**vars(one), "details": None} for one in files]
    page.actions([], rows, f"import-{load}")


def choose() -> None:
    """Files, what they mean, and the button."""
    page = head(TITLE, SCOPE)
    try:
        into = choosing.target()
    except AnalyticsError as error:
        explain(error)
    if into.path is not None:
        st.caption(
            f"You are looking at the sample. Your files go into a store of your own, {escape(into.path)}, "
            "and the app then shows that one."
        )
    paths, dropped = choosing.files()
    coming = [one for one in dropped if not one.is_whole]
    page.actions()
    if not paths:
        page.answer(
            f"**{escape(coming[0].name, 80)}** is on its way."
            if coming
            else "Drop an export of your product's events, or of the tool that collects them."
        )
        if not coming and not choosing.offered_files():
            st.caption(
                "Files that lie on the machine of this app need not be sent: start it with `--data-dir FOLDER`, and "
                "they can be chosen here, or name them on the command line, `sessionscope import FILE`."
            )
        reports.history()
        return
    path = paths[0]
    if len(paths) > 1:
        by_name = {f"{n + 1}. {one.name}": one for n, one in enumerate(paths)}
        path = by_name[st.selectbox("Look at", list(by_name), key="import-look")]
    try:
        plain = choosing.look(path, choosing.Options())
    except AnalyticsError as error:
        explain(error)
    rows = f", {words.many(plain.total, 'row')}" if plain.total is not None else ""
    known = sum(column.field is not None for column in plain.columns)
    page.answer(
        f"**{escape(path.name, 80)}** is {escape(said(plain.format), 60)}{rows}. "
        f"**{known} of {words.many(len(plain.columns), 'column')}** were recognised."
    )
    choosing.inside(path)
    st.subheader("What the columns mean", anchor=False)
    try:
        mapped = choosing.mapping(path, plain)
    except ValueError as error:
        explain(str(error))
    renamed = choosing.renames(plain)
    options = choosing.decided(choosing.options(into, plain.private), mapped, renamed)
    try:
        preview = choosing.look(path, options)
    except AnalyticsError as error:
        explain(error)
    st.subheader("The first rows, as they would come in", anchor=False)
    choosing.first_rows(preview)
    for text in [preview.times, *choosing.warnings(preview)]:
        if text:
            st.caption(escape(text, 400))
    if preview.refused:
        why = f" because {escape(reports.why(preview.reasons[0][0]), 200)}" if preview.reasons else ""
        st.caption(
            f"Of the first {words.many(preview.sampled, 'row')}, {words.count(preview.refused)} would be refused{why}."
        )
    lacks = choosing.lacking(preview)
    if lacks:
        st.warning(lacks, icon=":material/rule:")
    names = words.listed([one.name for one in paths[:3]]) if len(paths) <= 3 else words.many(len(paths), "file")
    st.button(
        f"Bring in {escape(names, 80)}",
        type="primary",
        icon=":material/upload:",
        disabled=bool(lacks or coming),
        on_click=under_way.begin,
        args=(f"Bringing in {names}", jobs.bring(paths, options, into.path, dropped)),
    )
    if coming:
        late = words.listed([escape(one.name, 80) for one in coming[:3]])
        st.caption(f"{late} must come in whole first, or be left out.")


running = jobs.running()
if running is not None:
    under_way.draw(head(TITLE, SCOPE), running)
else:
    brought = under_way.came_in()
    if brought is not None:
        st.query_params["load"] = str(brought)
    under_way.ended()
    load = reported()
    if load is None:
        choose()
    else:
        report(load)
