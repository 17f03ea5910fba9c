"""Before and after: how the sides are chosen, who is on which, and the lists behind the figures."""

import re

import pytest

from analytics.analyses import compare_people
from analytics.analyses.compare_people import ComparePeople
from analytics.scope import Scope
from analytics.workspace import segments
from tests.pages.test_changes import NEW, OLD, shop, visit

__all__ = ["shop", "visit"]
PEOPLE = {"only_before": 0, "only_both": 1, "only_after": 2}


def listed(page):
    """How many sessions the list holds."""
    (found,) = [one for text in page.subheaders if (one := re.search(r": ([\d,]+) sessions?$", text))]
    return int(found[1].replace(",", ""))


def told(page):
    """All that is said outside of pictures."""
    return page.plain(" ".join(one.value for one in (*page.at.markdown, *page.at.caption)))


def segment(store, name, **scope):
    segments.save(store, name, Scope(**scope))


# --- Days -------------------------------------------------------------------------------------------------------------


def test_days_that_are_no_whole_weeks_are_told_and_whole_weeks_are_a_button_away(visit, sample):
    ranges = {
        "before": {"start": "2026-08-31", "stop": "2026-09-09"},
        "after": {"start": "2026-09-12", "stop": "2026-09-30"},
    }
    page = visit(sample, p=ranges)
    assert page.title == "Was it better from 12 Sep to 29 Sep 2026?"
    assert "Before covers 9 days, after 18: not whole weeks, so weekdays may weigh differently." in told(page)
    offered = next(one for one in page.at.button if one.key == "whole-weeks")
    assert page.plain(offered.label) == "Use whole weeks: 31 Aug to 6 Sep 2026 against 14 Sep to 20 Sep 2026"
    offered.click().run()
    assert page.title == "Was it better from 14 Sep to 20 Sep 2026?"
    assert page.params["before"] == {"start": "2026-08-31", "stop": "2026-09-07"}
    assert "Both are the same number of whole weeks." in told(page)
    assert not [one for one in page.at.button if one.key == "whole-weeks"]


def test_the_calendar_shows_every_day_and_frames_both_ranges(visit, sample):
    ranges = {
        "before": {"start": "2026-08-31", "stop": "2026-09-09"},
        "after": {"start": "2026-09-12", "stop": "2026-09-30"},
    }
    calendar = visit(sample, p=ranges).picture(0)
    (squares,) = calendar["data"]
    assert len(squares["customdata"]) == 84
    assert len(calendar["layout"]["shapes"]) == 2
    assert {"A", "B"} <= {note["text"] for note in calendar["layout"]["annotations"]}


def test_the_sidebars_filters_hold_in_the_calendar(visit, sample):
    ranges = {
        "before": {"start": "2026-08-31", "stop": "2026-09-07"},
        "after": {"start": "2026-09-07", "stop": "2026-09-14"},
    }
    everybody, phones = (visit(sample, p=ranges, **more).picture(0) for more in ({}, {"device": "phone"}))
    hovers = [picture["data"][0]["customdata"][0][1] for picture in (everybody, phones)]
    counts = [int(re.search(r": (\d+)", text)[1]) for text in hovers]
    assert 0 < counts[1] < counts[0]


# --- Segments ---------------------------------------------------------------------------------------------------------


def test_without_a_segment_it_says_how_to_keep_one(visit, shop):
    page = visit(shop(("1.0", 0, 40, 12), ("1.1", 14, 40, 12)))
    page.do(page.control("button_group", "Compare"), "Segments")
    assert page.answer.startswith("No segment is kept yet. Choose filters at the left, open Segments below them")
    assert not page.at.error


def test_a_segment_against_everybody_else_and_against_another(visit, shop):
    device = {"device": "phone"}
    store = shop(("1.0", 0, 200, 120, lambda _: device), ("1.1", 14, 200, 40), device="desktop")
    segment(store, "On phones", devices=("phone",))
    segment(store, "At desks", devices=("desktop",))
    page = visit(store)
    page.do(page.control("button_group", "Compare"), "Segments")
    page.do(page.control("selectbox", "Segment"), "On phones")
    assert page.title == "How does “On phones” differ from everybody else?"
    assert page.answer.startswith("On phones against others: Sessions with order 200 % higher (")
    assert ", 60.0 % against 20.0 %" in page.answer
    assert page.params["before"] == {"outside": "On phones"}
    page.do(page.control("selectbox", "Against"), "At desks")
    assert page.title == "How does “On phones” differ from “At desks”?"
    assert "120 of 200 of On phones" in told(page)
    again = visit(store, p=page.params)
    assert (again.title, again.answer) == (page.title, page.answer)
    page.do(page.control("selectbox", "Against"), "On phones")
    assert page.answer == "Before and after are the same sessions. Choose two different ones."


def test_the_sidebars_days_hold_for_segments(visit, shop):
    store = shop(("1.0", 0, 200, 120), ("1.1", 14, 200, 40, lambda n: {"country": "DE"} if n % 2 else {}), country="AT")
    segment(store, "Germans", countries=("DE",))
    sides = {"before": {"outside": "Germans"}, "after": {"segment": "Germans"}}
    whole = visit(store, p=sides)
    cut = visit(store, p=sides, range=["2026-03-16", "2026-03-25"])
    assert "300 sessions not in segment Germans against 100 of segment Germans" in whole.scope
    assert "100 sessions not in segment Germans against 100 of segment Germans" in cut.scope
    assert "do not apply" not in cut.scope


def test_other_links_speak_of_time_only_where_one_side_follows_the_other(visit, sample):
    devices = visit(sample, p={"before": {"devices": ["desktop"]}, "after": {"devices": ["phone"]}})
    assert devices.title == "Which of the two is better?"
    assert devices.answer.startswith("On phone against on desktop: ")
    assert "sessions on desktop, " in told(devices)
    phones = {"devices": ["phone"]}
    later = visit(sample, p={"before": OLD | phones, "after": NEW | phones})
    assert later.title == "Did it get better?"
    assert later.answer.startswith("No. Sessions with order fell by ")


# --- Who is on which side, and lists ----------------------------------------------------------------------------------


@pytest.mark.parametrize("of", PEOPLE)
def test_the_sessions_of_a_part_of_the_people_are_as_many_as_it_says(visit, sample, of):
    asked = ComparePeople(Scope(releases=("1.0",)), Scope(releases=("1.1",)))
    part = compare_people.run(sample, asked, Scope()).parts[PEOPLE[of]]
    page = visit(sample, p={"before": OLD, "after": NEW})
    page.do(page.control("button_group", "Sessions of"), of)
    assert listed(page) == part.sessions > 0
    assert page.linked("sel") == {"of": of}
    assert listed(visit(sample, p={"before": OLD, "after": NEW}, sel={"of": of})) == part.sessions


def test_those_that_do_not_count_are_listed_too(visit, sample):
    page = visit(sample, p={"before": OLD, "after": NEW})
    counting = listed(page)
    page.do(page.control("button_group", "Which"), True)
    after = int(re.search(r"\d of [\d,]+ sessions before, [\d,]+ of ([\d,]+) after", told(page))[1].replace(",", ""))
    assert counting + listed(page) == after
    assert page.linked("sel") == {"others": True}
    page.do(page.control("selectbox", "Metric by day"), "duration")
    assert listed(page) == after  # a mean counts every session


def test_a_median_has_its_days_and_its_intervals(visit, sample):
    page = visit(sample, p={"before": OLD, "after": NEW}, sel={"metric": "duration_median"})
    bands = [shape for shape in page.picture(2)["layout"]["shapes"] if shape["type"] == "rect"]
    assert len(bands) == 2
    assert len(page.picture(2)["data"][0]["customdata"]) > 50
