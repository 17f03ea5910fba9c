"""A store that was moved to another zone is the store that a fresh import with that zone makes."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import ingest
from analytics.errors import InvalidQuestion
from tests.ingest.conftest import asked
from tests.ingest.import_dump import differences, dump
from tests.ingest.import_oracle import expected
from tests.ingest.test_derivation import Loads, events

ZONES = ["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/Los_Angeles", "Pacific/Apia"]


@given(st.lists(events, min_size=1, max_size=20), st.sampled_from(ZONES), st.sampled_from(ZONES))
@settings(
    max_examples=int(os.environ.get("EXAMPLES", "10")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
def test_it_equals_a_fresh_import_with_that_zone(rows, before, after):
    with tempfile.TemporaryDirectory() as folder:
        moved = Loads(Path(folder), 1000, before)
        moved.load([rows[::2]], "shop")
        moved.load([rows[1::2]], "app")
        ingest.rezone(moved.store, after)
        assert differences(expected(moved.rows, after), dump(moved.store, moved.offsets)) == []
        moved.zone = after
        moved.load([rows], "more")  # and later imports are cut in it too
        assert differences(expected(moved.rows, after), dump(moved.store, moved.offsets)) == []
        moved.store.close()


LATE = "timestamp,event,user_id,page\n2026-03-02 23:30:00,page_view,u1,/\n2026-03-02 23:40:00,click,u1,/\n2026-03-02 12:00:00,page_view,u2,/\n"


def test_it_says_how_many_sessions_lie_on_another_day(store, file):
    ingest.load(store, [file("events.csv", LATE)])
    rezoned = ingest.rezone(store, "Europe/Berlin")
    assert rezoned == ingest.Rezoned(sessions=1, days=2, before="UTC", zone="Europe/Berlin")
    days = "SELECT DISTINCT CAST(day AS VARCHAR) FROM {} ORDER BY 1"
    for table in ("events", "sessions", "visits"):
        assert asked(store, days.format(table)) == [("2026-03-02",), ("2026-03-03",)]
    assert asked(store, days.format("clicks")) == [("2026-03-03",)]
    assert asked(store, "SELECT weekday, hour FROM sessions ORDER BY start") == [(1, 13), (2, 0)]
    assert store.setting("reporting_zone") == "Europe/Berlin"


def test_an_empty_store_takes_the_zone_of_its_first_import(store, file):
    assert ingest.rezone(store, "Asia/Tokyo").days == 0
    ingest.load(store, [file("events.csv", LATE)])
    assert asked(store, "SELECT DISTINCT hour FROM sessions ORDER BY 1") == [(8,), (21,)]


def test_what_is_no_zone_is_refused(store, file):
    ingest.load(store, [file("events.csv", LATE)])
    with pytest.raises(
        InvalidQuestion, match="There is no time zone 'Berlin'; zones are named like Europe/Berlin or UTC"
    ):
        ingest.rezone(store, "Berlin")
    assert store.setting("reporting_zone") == "UTC"


@pytest.mark.parametrize("share", [0.0, 0.1, 0.7, 0.9])
def test_cancelled_it_leaves_the_store_as_it_was(store, file, share):
    ingest.load(store, [file("events.csv", LATE)])
    before = asked(store, "SELECT day, local FROM events ORDER BY line"), store.version
    reached = []
    with pytest.raises(ingest.ImportCancelled, match="Moving to another zone was cancelled; the store is as it was"):
        ingest.rezone(
            store,
            "Asia/Tokyo",
            progress=lambda step: reached.append(step.share),
            cancelled=lambda: bool(reached) and reached[-1] >= share,
        )
    assert (asked(store, "SELECT day, local FROM events ORDER BY line"), store.version) == before
    assert store.setting("reporting_zone") == "UTC"
