"""Peers' own tests about sessions, as facts (tests/cases/sessions.json names source and licence of each)."""

import json
from pathlib import Path

import pytest

from analytics import ingest
from analytics.analyses import overview
from analytics.conditions import Matcher
from analytics.scope import Scope

CASES = {
    case["id"]: case
    for case in json.loads((Path(__file__).parents[1] / "cases" / "sessions.json").read_text())["cases"]
}
NAMES = {"$pageview": "page_view", "$autocapture": "click", "$pageleave": "page_leave", "$screen": "screen"}
BOUNCES = "SELECT session_id, CAST(bounce AS INTEGER) FROM sessions"
OVERVIEW = """
SELECT count(DISTINCT user_key), CAST(sum(page_views) AS INTEGER), count(*), avg(duration_ms) / 1000, 100.0 * avg(CAST(bounce AS INTEGER))
FROM sessions WHERE day BETWEEN $first AND $last
"""


def loaded(store, file, case, names=NAMES):
    rows = [
        {
            "timestamp": event["ts"], "event": names.get(event["event"], event["event"]), "user_id": event["user"],
            "session_id": event.get("session"), "event_id": event["props"].get("event_id"),
            "page": event["props"].get("$current_url"),
        }
        for event in case["events"]
    ]  # fmt: skip
    path = file(f"{case['id']}.json", json.dumps(rows))
    return ingest.load(store, [path], ingest.Options(session_timeout_s=case["params"].get("timeout_s")))


def asked(store, statement, **values):
    with store.reading_cursor() as cursor:
        return cursor.execute(statement, values).fetchall()


def test_bounces(store, file):
    loaded(store, file, CASES["phs_bounce"])
    assert dict(asked(store, BOUNCES)) == CASES["phs_bounce"]["expected"]["is_bounce"]


def test_a_repeated_event_counts_once(store, file):
    case = CASES["phs_idempotent_counts"]
    report = loaded(store, file, case)
    assert report.events_added + report.imports[0].duplicates == len(case["events"])
    counts = dict(asked(store, "SELECT name, count(*) FROM events GROUP BY name"))
    expected = [case["expected"][kind]["s1"] for kind in ("pageviews", "autocaptures", "screens")]
    assert [counts[name] for name in ("page_view", "click", "screen")] == expected


def test_a_session_of_one_event(store, file):
    loaded(store, file, CASES["phs_single_event_session"])
    assert asked(store, "SELECT session_id, duration_ms, exit_page FROM sessions") == [("s1", 0, "/pathname")]
    (url,) = CASES["phs_single_event_session"]["expected"]["exit_url"].values()
    assert asked(store, "SELECT properties ->> '/url' FROM events") == [(url,)]


@pytest.mark.parametrize("name", ["phs_overview_comparison", "phs_overview_mobile_screens"])
def test_a_session_belongs_to_the_day_of_its_start(store, file, name):
    case = CASES[name]
    loaded(store, file, case, NAMES | {"$screen": "page_view"})
    first, last = case["params"]["date_from"], case["params"]["date_to"]
    for period, days in (("current", (first, last)), ("previous", ("2023-11-28", "2023-12-05"))):
        expected = case["expected"][period]
        assert asked(store, OVERVIEW, first=days[0], last=days[1]) == [tuple(expected.values())]


@pytest.mark.parametrize("name", ["rts_timeout_1m", "ddb_sessionize_1"])
def test_a_pause_longer_than_the_timeout_begins_a_session(store, file, name):
    case = CASES[name]
    loaded(store, file, case)
    numbers = asked(store, "SELECT dense_rank() OVER (ORDER BY session_key) FROM events ORDER BY line")
    assert [number for (number,) in numbers] == case["expected"]["session_index"]


def test_a_pause_of_exactly_the_timeout_does_not(store, file):
    times = ("2022-01-01 00:31:00", "2022-01-01 01:01:00", "2022-01-01 01:31:00.000001")
    ingest.load(store, [file("a.csv", "timestamp,event,user_id\n" + "".join(f"{time},e,u\n" for time in times))])
    assert asked(store, "SELECT events FROM sessions ORDER BY start") == [(2,), (1,)]


def test_the_share_of_people_who_reach_a_goal(store, file):
    case = CASES["phs_conversion_rate"]
    loaded(store, file, case)
    found = overview.run(store, overview.Overview(goal=Matcher(name="page_view", page="/foo")), Scope()).totals
    expected = case["expected"]
    assert (found.people, found.conversions, found.converted_people) == (
        *(expected[name] for name in ("visitors", "total_conversions", "unique_conversions")),
    )
    assert found.conversion_rate == pytest.approx(expected["conversion_rate_pct"] / 100)
