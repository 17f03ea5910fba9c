"""The flags of a session against their rules in plain Python, on random sessions of several people."""

from collections import Counter
from copy import deepcopy
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.analyses import timeline
from analytics.analyses.timeline import Dead, Error, Rage, Timeline, UTurn
from analytics.scope import Scope

NINE = datetime(2026, 3, 2, 9, 0)
NOTHING = ("click", "scroll", "move", "page_leave")
PAGING = ("next", "previous", "prev", "<", ">", "+", "-", "−", "–")


def oracle(sessions, rules):
    """The flags of the first session, a set of names an event."""
    mine = sessions[0]
    flags = [set() for _ in mine]
    total, answered = Counter(), Counter()
    for events in sessions:
        for n, event in enumerate(events):
            if event["event"] == "click" and event.get("element"):
                place = event.get("page"), event["element"]
                total[place] += 1
                answered[place] += reacts(events, n, rules.dead)
    for n, event in enumerate(mine):
        if event["event"] != "click":
            continue
        place = event.get("page"), event.get("element")
        if event.get("element") and not reacts(mine, n, rules.dead) and 2 * answered[place] > total[place]:
            flags[n].add("dead")
        if any(
            later["event"] == "error"
            and later["ms"] - event["ms"] <= rules.error.within_ms
            and later.get("page") == event.get("page")
            for later in mine[n + 1 :]
        ):
            flags[n].add("error")
    for n in rages(mine, rules.rage):
        flags[n].add("rage")
    for n in turns(mine, rules.u_turn):
        flags[n].add("u_turn")
    return flags


def reacts(events, n, dead):
    return any(
        later["event"] not in NOTHING and later["ms"] - events[n]["ms"] <= dead.within_ms for later in events[n + 1 :]
    )


def rages(events, rage):
    last, run = None, 0
    for n, event in enumerate(events):
        tag = event.get("element_tag") or (event.get("element") or "").partition("#")[0]
        if event["event"] != "click" or tag in ("input", "textarea") or event.get("text") in PAGING:
            continue
        run = run + 1 if last is not None and near(last, event, rage) else 1
        if run == rage.clicks:
            yield n
        last = event


def near(last, event, rage):
    if event["ms"] - last["ms"] >= rage.within_ms or event.get("page") != last.get("page"):
        return False
    if None in (event.get("x"), last.get("x")):
        return event.get("element") is not None and event.get("element") == last.get("element")
    return abs(event["x"] - last["x"]) + abs(event["y"] - last["y"]) < rage.within_px


def turns(events, rule):
    stays = []
    for n, event in enumerate(events):
        if event["event"] == "page_view" and event.get("page") and (not stays or stays[-1][1]["page"] != event["page"]):
            stays.append((n, event))
    for before, (n, event), after in zip(stays, stays[1:], stays[2:], strict=False):
        if before[1]["page"] == after[1]["page"] and after[1]["ms"] - event["ms"] < rule.within_ms:
            yield n


def event_of(name, page, element, place, text):
    found = {"event": name} | ({"page": page} if page else {})
    if name == "click":
        found |= {"element": element} if element else {}
        found |= {"x": place[0], "y": place[1]} if place else {}
        found |= {"text": text} if text else {}
    return found


EVENTS = st.builds(
    event_of,
    st.sampled_from(["click"] * 6 + ["page_view"] * 3 + ["error", "scroll", "order", "page_leave"]),
    st.sampled_from(["/a", "/b", None]),
    st.sampled_from(["button#pay", "a#help", "input#card", None]),
    st.sampled_from([(0, 0), (9, 9), (20, 20), None]),
    st.sampled_from([None, None, None, "next"]),
)
SESSIONS = st.lists(
    st.lists(st.tuples(st.sampled_from([0, 1, 400, 999, 1000, 1500, 2000, 2500, 2501, 6999]), EVENTS), max_size=14),
    min_size=1,
    max_size=4,
)


@given(SESSIONS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_flags_are_what_their_rules_say(store_of, drawn):
    sessions, rows = [], []
    for number, steps in enumerate(drawn, 1):
        ms, events = 0, [{"event": "login", "ms": 0}]  # so that no session is empty
        for gap, event in steps:
            ms += gap
            events.append(event | {"ms": ms})
        sessions.append(events)
        who = {"session_id": f"s{number}", "user_id": f"u{number}"}
        rows += [
            event | who | {"timestamp": NINE + timedelta(milliseconds=event.pop("ms"))} for event in deepcopy(events)
        ]
    rules = Timeline("s1", Rage(), Dead(), Error(), UTurn())
    found = timeline.run(store_of(rows), rules, Scope()).events
    assert [set(event.flags) for event in found] == oracle(sessions, rules)
