"""One session: what a person did, moment by moment."""

import streamlit as st

from analytics import words
from analytics.analyses import sessions, timeline
from analytics.charts import session_summary
from analytics.charts import timeline as chart
from analytics.conditions import Filter
from analytics.scope import Scope
from pages.attention import playlist, recording
from pages.attention.player import player
from pages.attention.telling import Told, question, tell
from pages.attention.ticket import ticket
from pages.shared import ask, end, escape, go_to, head, legend, palette, sessions_behind, store, zone

EVERYTHING = Scope()  # a link to a session opens it whatever the sidebar says


def choose(why: str = "") -> None:
    """No session is named: the sessions to begin with."""
    page = head("What happened here?", f"Every session of this store. Times in {zone()}.")
    page.answer(why or "Choose a session to see what its person did, moment by moment.")
    asked = sessions.Sessions(order_by="-errors")
    found = sessions_behind("session-choice", "With the most errors first", sessions, asked, EVERYTHING)
    page.actions(found.queries)
    end()


def moment(session: sessions.Row) -> int:
    """Where the player starts, ms: what the link says when it is opened, not what the player wrote there since."""
    session_id, last = session.session_id, round(1000 * session.duration_s)
    link = st.query_params.get("at", "")
    seen = st.session_state.setdefault("player-moment", {})
    if seen.get("session") != session_id or seen.get("link") != link:
        start = int(link) if link.isascii() and link.isdigit() and len(link) < 16 else 0
        seen |= {"session": session_id, "link": link, "start": min(start, last)}
    return int(seen["start"])


def rests(at: int) -> None:
    """The player was stopped at `at` ms: the link says so, so that a copied one opens there."""
    link = str(at) if at else ""
    if link == st.query_params.get("at", ""):
        return
    st.session_state["player-moment"]["link"] = link
    if link:
        st.query_params["at"] = link
    else:
        st.query_params.pop("at", None)


def facts(session: sessions.Row, screen: str | None) -> dict[str, str]:
    """What is known of the session, without what is not."""
    known = {
        "Length": words.duration(session.duration_s),
        "Active": words.duration(session.active_s),
        "Page views": words.count(session.page_views),
        "Events": words.count(session.events),
        "Clicks": words.count(session.clicks),
        "Errors": words.count(session.errors) if session.errors else None,
        "Value": words.number(session.value, 2) if session.value is not None else None,
        "Device": session.device,
        "Screen": screen,
        "Browser": session.browser,
        "System": session.os,
        "Country": session.country,
        "Release": session.release,
        "Campaign": session.campaign,
    }
    return {name: escape(text, 60) for name, text in known.items() if text}


def sketched(session: sessions.Row, told: Told) -> int:
    """The session on its pages' pictures; the moment at which it was stopped, ms."""
    if told.marks:
        looks = chart.mark_looks(palette())
        legend([(name, looks[name][0]) for name in told.marks], glyphs={name: looks[name][1] for name in told.marks})
    if told.total > told.shown:
        st.caption(f"The first {words.count(told.shown)} of {words.count(told.total)} events.")
    if not told.drawn["stage"]:
        st.caption("These events carry no places on a page and there is no picture of one, so there is only the list.")
    return player(session.session_id, told.drawn, moment(session))


def neighbours(session: sessions.Row) -> None:
    """The sessions of the same person before and after this one."""
    if not session.user:
        return
    asked = sessions.Sessions((Filter("user", "is", session.user),), order_by="start", limit=1000)
    found = ask(sessions, asked, EVERYTHING)
    ids = [row.session_id for row in found.rows]
    if len(ids) < 2 or session.session_id not in ids:
        st.caption("The only session of this person.")
        return
    at = ids.index(session.session_id)
    st.caption(f"Session {words.count(at + 1)} of {words.count(found.total)} of this person.")
    with st.container(horizontal=True, gap="xsmall"):
        for label, icon, to in (("Session before", "chevron_left", at - 1), ("Next session", "chevron_right", at + 1)):
            if 0 <= to < len(ids) and st.button(label, type="tertiary", icon=f":material/{icon}:"):
                go_to("session", {"session": ids[to]})


session_id = st.query_params.get("session", "")
if not session_id:
    choose()
# A bar that stands here while they are read and is gone the next time would move the player, which began anew then:
# so it has a place of its own.
with st.empty():
    listed = ask(sessions, sessions.Sessions((Filter("session_id", "is", session_id),), limit=1), EVERYTHING)
    if listed.rows:
        session = listed.rows[0]
        asked, within = question(session)
        told = tell(session, asked, within)
if not listed.rows:
    choose(f"This store has no session **{escape(session_id, 80)}**. Choose another one.")

page = head(
    "What happened here?",
    f"Person {session.user or 'unknown'}, {session_summary.during(told.summary)}. Times in {zone()}.",
)
page.answer(told.story)
rows = chart.Rows(told.shown, lambda: timeline.run(store(), asked, within).events, session.device)
page.actions(timeline.queries(asked, within), rows, f"session-{session_id}")
with st.container():
    playlist.bar(session_id)

grid = st.grid(4, min_column_width=240, gap="medium")
with grid.cell(column_span=3):
    at = recording.show(session_id, moment(session), told.drawn)
    rests(sketched(session, told) if at is None else at)
with grid.cell():
    st.subheader("This session", anchor=False)
    st.table(facts(session, told.screen), border="horizontal")
    ticket(told.summary)
    neighbours(session)
