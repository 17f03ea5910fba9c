"""One session: what a person did, moment by moment."""

import streamlit as st

from analytics import words
from analytics.analyses import sessions, timeline, values
from analytics.charts import paths
from analytics.charts import timeline as chart
from analytics.conditions import Filter
from analytics.scope import Scope
from analytics.workspace import pictures
from pages.attention import playlist, recording
from pages.attention.player import player
from pages.shared import ask, end, escape, go_to, head, legend, palette, sessions_behind, store, zone

EVERYTHING = Scope()  # a link to a session opens it whatever the sidebar says
MOST_PICTURES = 12_000_000  # bytes that travel to the browser; further pages are sketched


def choose(why: str = "") -> None:
    """No session is named: the sessions to begin with."""
    page = head("What happened here?", f"Every session of this store. Times in {zone()}.")
    page.answer(why or "Choose a session to see what its person did, moment by moment.")
    asked = sessions.Sessions(order_by="-errors")
    found = sessions_behind("session-choice", "With the most errors first", sessions, asked, EVERYTHING)
    page.actions(found.queries)
    end()


def moment(session_id: str) -> int:
    """Where the player starts, ms: what the link says when it is opened, not what the player wrote there since."""
    link = st.query_params.get("at", "")
    seen = st.session_state.setdefault("player-moment", {})
    if seen.get("session") != session_id or seen.get("link") != link:
        seen |= {"session": session_id, "link": link, "start": int(link) if link.isdecimal() and len(link) < 10 else 0}
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


def shown(events: tuple[timeline.Event, ...]) -> dict[str, pictures.Picture]:
    """The pictures of the pages that were seen."""
    width = next((event.viewport_width for event in events if event.viewport_width), None)
    found, size = {}, 0
    for name in dict.fromkeys(event.page for event in events if event.page):
        picture = pictures.for_page(store(), name, width)
        if picture and (size := size + len(picture.bytes)) <= MOST_PICTURES:
            found[name] = picture
    return found


def facts(session: sessions.Row, events: tuple[timeline.Event, ...]) -> dict[str, str]:
    """What is known of the session, without what is not."""
    screen = next((event for event in events if event.viewport_width and event.viewport_height), None)
    size = f"{screen.viewport_width} × {screen.viewport_height}{words.SPACE}px" if screen else None
    known = {
        "Length": words.duration(session.duration_s),
        "Active": words.duration(session.active_s),
        "Page views": words.count(session.page_views),
        "Events": words.count(session.events),
        "Clicks": words.count(session.clicks),
        "Errors": words.count(session.errors) if session.errors else None,
        "Value": words.number(session.value, 2) if session.value is not None else None,
        "Device": session.device,
        "Screen": size,
        "Browser": session.browser,
        "System": session.os,
        "Country": session.country,
        "Release": session.release,
        "Campaign": session.campaign,
    }
    return {name: escape(text, 60) for name, text in known.items() if text}


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


def sketched(session: sessions.Row, result: timeline.TimelineResult) -> int:
    """The session on its pages' pictures; the moment at which it was stopped, ms."""
    events, session_id = result.events, session.session_id
    seen = [flag for flag in chart.FLAGS if any(flag in event.flags for event in events)]
    colours = chart.flag_colours(palette())
    fold = chart.fold_ms(events) / 1000
    folded = any((event.gap_ms or 0) > 1000 * fold for event in events)
    if seen or folded:
        legend(
            [(chart.FLAGS[flag], colours[flag]) for flag in seen],
            f"Pauses of more than {words.duration(fold).replace('.0', '')} are folded." if folded else "",
            {chart.FLAGS[flag]: chart.GLYPHS[flag] for flag in seen},
        )
    if result.total > len(events):
        st.caption(f"The first {words.count(len(events))} of {words.count(result.total)} events.")
    traffic = ask(values, values.Values("page"), EVERYTHING).values
    sections = paths.section_colours(palette(), paths.order(traffic, ()))
    drawn = chart.player(palette(), events, session.device, shown(events), sections, moment(session_id))
    if not drawn["stage"]:
        st.caption("These events carry no places on a page and there is no picture of one, so there is only the list.")
    stopped = player(
        key=f"player-{session_id}",
        data=drawn | {"session": session_id},
        default={"at": drawn["start"]},
        on_at_change=lambda: None,
        height="content",
    )
    return int(stopped.at or 0)


session_id = st.query_params.get("session", "")
if not session_id:
    choose()
listed = ask(sessions, sessions.Sessions((Filter("session_id", "is", session_id),), limit=1), EVERYTHING)
if not listed.rows:
    choose(f"This store has no session **{escape(session_id, 80)}**. Choose another one.")
session = listed.rows[0]
result = ask(timeline, timeline.Timeline(session_id), EVERYTHING)
events = result.events

ended = session.start_local.date() if session.duration_s < 86_400 else None
until = (
    ""
    if session.duration_s < 60
    else f" to {events[-1].local:%H:%M}"
    if ended
    else f" to {words.moment(events[-1].local)}"
)
page = head(
    "What happened here?",
    f"Person {session.user or 'unknown'}, {words.moment(session.start_local)}{until}. Times in {zone()}.",
)
page.answer(chart.story(events, result.total, escape))
page.actions(result.queries, chart.rows(events, session.device), f"session-{session_id}")
playlist.bar(session_id)

grid = st.grid(4, min_column_width=240, gap="medium")
with grid.cell(column_span=3):
    at = recording.show(session_id, moment(session_id))
    rests(sketched(session, result) if at is None else at)
with grid.cell():
    st.subheader("This session", anchor=False)
    st.table(facts(session, events), border="horizontal")
    neighbours(session)
