"""What is being changed in the store, as pages show it: how far it is, how it ended, and a line beside every page."""

import streamlit as st

from analytics.errors import AnalyticsError
from pages.data import choosing, jobs
from pages.shared import escape, link_to
from pages.shared.page import Page

MINE = "import-job"  # that this browser began or watches
BEGUN = "import-begun"
REFUSED = "import-error"


def begin(title: str, work: jobs.Work, short: str = "") -> None:
    """For buttons: starts a job, which this browser will hear of."""
    try:
        st.session_state[MINE] = st.session_state[BEGUN] = jobs.start(title, work, short)
    except AnalyticsError as error:
        st.session_state[REFUSED] = str(error)
    st.query_params.pop("load", None)


def draw(page: Page, job: jobs.Job) -> None:
    """The page while something is under way, whoever began it."""
    st.session_state[MINE] = job
    page.answer(f"**{escape(job.title, 200)}** …")
    page.actions()
    _progress(job)


@st.fragment(run_every=0.5)
def _progress(job: jobs.Job) -> None:
    """How far it is; the whole page again when it has ended."""
    if job.ended.is_set():
        st.rerun()
    now = job.now
    st.progress(min(now.share, 1.0), f"{escape(now.what[:1].upper() + now.what[1:], 120)}: {escape(now.reached())}")
    pace = f"{escape(now.pace())}. " if now.pace() else ""
    st.caption(f"{pace}It goes on when you leave this page or close the window.")
    if job.is_unwanted:
        st.caption("It is being cancelled.")
    else:
        st.button("Cancel", icon=":material/close:", on_click=job.cancel)


def ended() -> None:
    """Says how the job that this browser began or watched has ended, once. A report opens by the link."""
    if error := st.session_state.pop(REFUSED, ""):
        st.error(escape(error), icon=":material/error:")
    job: jobs.Job | None = st.session_state.pop(MINE, None)
    if job is None:
        return
    if job.error:
        st.error(escape(job.error, 2000), icon=":material/error:")
    elif job.stopped:
        st.info("It was cancelled; the store is as it was.", icon=":material/block:")
    elif job.said:
        st.info(escape(job.said, 1000), icon=":material/check:")


def came_in() -> int | None:
    """The load to report on, when this browser's job was an import that has just ended well."""
    job: jobs.Job | None = st.session_state.get(MINE)
    if job is None or job.load is None:
        return None
    del st.session_state[MINE]
    if st.session_state.pop(BEGUN, None) is job:  # whoever only watched keeps what they have dropped
        choosing.forget_files()
    return job.load


def line() -> None:
    """For the frame: how far it is, on every other page, and at the end the way to what became of it."""
    job = jobs.running() or st.session_state.get(MINE)
    if job is not None:
        st.session_state[MINE] = job
        _line(job)


@st.fragment(run_every=2)
def _line(job: jobs.Job) -> None:
    with st.container(key="under-way", gap="xsmall"):
        title = escape(job.short, 60)
        if not job.ended.is_set():
            st.progress(min(job.now.share, 1.0), f"{title}: {escape(job.now.reached())}")
            link_to("import", "See how far it is, or cancel", icon=":material/sync:")
            return
        how = "it failed" if job.error else "it was cancelled" if job.stopped else "done"
        st.caption(f"{title}: {how}.")
        link_to("import", "See why" if job.error else "See what came in" if job.load is not None else "See more")
