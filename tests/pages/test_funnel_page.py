"""What the funnel page shows below and beside its picture: each figure opens exactly what it counts."""

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from analytics.analyses import funnel, funnel_correlation, funnel_shares
from analytics.analyses.funnel import Funnel, Histogram
from analytics.analyses.funnel_correlation import FunnelCorrelation
from analytics.analyses.funnel_shares import FunnelShares
from analytics.conditions import Matcher
from analytics.scope import Scope
from tests.pages.conftest import link, marks, said
from tests.pages.test_journeys import FUNNEL, _key, answer, bars, control, listed, plain, title

STEPS = [{"name": "page_view", "page": "/cart"}, {"name": "page_view", "page": "/checkout/payment"}, {"name": "order"}]
ASKED = Funnel(
    (Matcher("page_view", page="/cart"), Matcher("page_view", page="/checkout/payment"), Matcher(name="order"))
)
PLAIN = json.dumps({"steps": STEPS, "breakdown": None})
RELEASE = Scope(releases=("1.1",))


def shows(**view):
    return json.dumps(view)


def view(at):
    return json.loads("".join(link(at).get("view", [])) or "{}")


def charts(at):
    return [json.loads(chart.proto.spec) for chart in at.get("plotly_chart")]


def select(at, number, data):
    """A click on a mark of the page's picture `number`."""
    chart = _key(at.get("plotly_chart")[number].proto.id)
    at.session_state[chart] = {"selection": {"points": [{"customdata": data}], "point_indices": [], "box": []}}
    at.run()


def last_listed(at):
    """How long the list is that comes after other headings."""
    return int(re.search(r": ([\d,]+) session", plain(at.subheader[-1].value))[1].replace(",", ""))


def heard(at):
    return plain(said(at))


# --- How long it takes ------------------------------------------------------------------------------------------------


def test_every_bar_of_the_times_opens_as_many_as_it_says(opened, sample):
    at = opened(sample, FUNNEL, p=PLAIN, view=shows(show="time"), release="1.1")
    asked = replace(ASKED, histogram=Histogram(1, 3, even=False))
    expected = funnel.run(sample, asked, RELEASE)
    drawn = next(trace for trace in charts(at)[1]["data"] if trace["type"] == "bar")
    assert sum(bar.count for bar in expected.histogram) == expected.spent.count
    assert f"Half of the {expected.spent.count:,} sessions that got from /cart to Order took" in heard(at)
    for data in (drawn["customdata"][0], drawn["customdata"][-1]):
        select(at, 1, data)
        assert listed(at) == expected.histogram[data[0] - 1].count
        assert json.loads("".join(link(at)["sel"])) == {"took": data[0], "steps": [1, 3]}


def test_the_two_steps_are_chosen_and_kept(opened, sample):
    at = opened(sample, FUNNEL, p=PLAIN, view=shows(show="time"), release="1.1")
    control(at, "selectbox", "From").set_value("2. /checkout/payment").run()
    assert view(at) == {"show": "time", "time-from": 2}
    asked = replace(ASKED, histogram=Histogram(2, 3, even=False))
    count = funnel.run(sample, asked, RELEASE).spent.count
    assert f"Half of the {count:,} sessions that got from /checkout/payment to Order took" in heard(at)
    again = opened(sample, FUNNEL, **link(at))
    assert (title(again), heard(again)) == (title(at), heard(at))


def test_nobody_got_from_one_step_to_the_other(opened, journeys):
    steps = json.dumps({"steps": [{"name": "a"}, {"name": "gone"}]})
    at = opened(journeys("a b"), FUNNEL, p=steps, view=shows(show="time"))
    assert "None of the sessions got from A to Gone." in heard(at)


# --- Over time --------------------------------------------------------------------------------------------------------


def test_every_point_opens_who_began_then(opened, sample):
    at = opened(sample, FUNNEL, p=PLAIN, view=shows(show="trend", grain="week"), release="1.1")
    trend = funnel.run(sample, replace(ASKED, trend="week"), RELEASE).trend
    number = max(range(len(trend)), key=lambda n: trend[n].counts[0])
    points = [data for trace in charts(at)[1]["data"] for data in trace["customdata"]]
    assert sorted(data[0] for data in points) == [n for n, period in enumerate(trend) if period.counts[0]]
    select(at, 1, points[[data[0] for data in points].index(number)])
    assert listed(at) == trend[number].counts[-1]
    choice = control(at, "selectbox", "Who began in")
    everybody = next(n for n, text in enumerate(choice.options) if text == _all_of(choice.options, trend[number].start))
    choice.set_value(everybody).run()
    assert listed(at) == trend[number].counts[0]


def _all_of(options, start):
    return next(text for text in options if f"{start.day}\u00a0{start:%b}" in text and text.endswith("all that began"))


def test_a_period_that_is_not_over_is_hollow_and_said(opened, store_of):
    rows = []
    for day in range(1, 11):
        for n in range(3):
            start = datetime(2026, 3, day, 9, n)
            own = {"user_id": f"u{day}-{n}", "session_id": f"s{day}-{n}"}
            rows.append(own | {"event": "a", "timestamp": start})
            rows += [own | {"event": "b", "timestamp": start + timedelta(minutes=1)}] if n < 2 and day < 10 else []
    asked = {"steps": [{"name": "a"}, {"name": "b"}], "window_s": 2 * 86_400, "by": "user"}
    at = opened(store_of(rows), FUNNEL, p=json.dumps(asked), view=shows(show="trend", grain="day"))
    complete, hollow = charts(at)[1]["data"]
    assert (complete["mode"], hollow["mode"]) == ("lines+markers", "markers")
    assert hollow["marker"]["color"] != complete["marker"]["color"]
    assert len(hollow["x"]) == 3  # the 8th, 9th and 10th, of which the last has no conversion yet
    assert all("not over yet" in data[1] for data in hollow["customdata"])


# --- By value ---------------------------------------------------------------------------------------------------------


def test_values_against_the_others_and_their_lists(opened, sample):
    asked = json.dumps({"steps": STEPS, "breakdown": "device"})
    at = opened(sample, FUNNEL, p=asked, view=shows(show="split"), release="1.1")
    shares = funnel_shares.run(sample, FunnelShares(ASKED.steps, breakdown="device", pairs=((1, 3),)), RELEASE).shares
    table = at.dataframe[0].value
    assert list(table["Value"]) == ["All", *(share.value for share in shares if share.kind == "value")]
    phone = next(share for share in shares if share.value == "phone")
    assert table.set_index("Value").loc["phone", "In words"] == "lower than the others"
    assert f"clearly lower for phone ({100 * phone.share:.1f} %)" in heard(at)
    assert "by person" in heard(at)
    choice = control(at, "selectbox", "Which sessions")
    for step, count in ((1, phone.n), (3, phone.went)):
        number = choice.options.index(f"phone: reached {('/cart', '', 'Order')[step - 1]}")
        control(at, "selectbox", "Which sessions").set_value(number).run()
        assert listed(at) == count


@pytest.mark.parametrize("show", ["who", "split"])
def test_thousands_of_values_are_a_few_and_the_rest(opened, store_of, show):
    rows = []
    for n in range(3000):
        own = {"user_id": f"u{n}", "session_id": f"s{n}", "timestamp": datetime(2026, 3, 2) + timedelta(minutes=n)}
        rows.append(own | {"event": "a", "code": f"c{n}" if n % 3 else "same"})
        rows += [own | {"event": "b"}] if n % 2 else []
    asked = {"steps": [{"name": "a"}, {"name": "b"}], "breakdown": "properties.code"}
    at = opened(store_of(rows), FUNNEL, p=json.dumps(asked), view=shows(show=show))
    drawn = bars(at)
    assert len(drawn) == 5 and plain(drawn[-1]["name"]) == "1,997 other values"
    if show == "split":
        table = at.dataframe[0].value
        assert list(table["Value"])[-1] == "1,981\u00a0other values"
        began = [int(text.split(" of ")[1].replace(",", "")) for text in table["Went"]]
        assert began[0] == sum(began[1:]) == 3000
    else:
        choice = control(at, "selectbox", "Which sessions")
        choice.set_value(choice.options.index("1,997\u00a0other values: went all the way to B")).run()
        assert listed(at) == 999  # half of 2,000, without the odd one of the three that are drawn


# --- What happened instead --------------------------------------------------------------------------------------------


def test_what_parts_them_says_and_opens(opened, sample):
    at = opened(sample, FUNNEL, p=PLAIN, view=shows(show="instead", after=2), release="1.1")
    result = funnel_correlation.run(
        sample, FunnelCorrelation(ASKED.steps, step=2, fields=(*funnel_correlation.FIELDS,)), RELEASE
    )
    text = heard(at)
    assert "associated" in text and "because" not in text
    assert f"of the {result.stopped:,} sessions that stopped" in text
    drawn = charts(at)[1]["data"]
    number = next(n for n, data in enumerate(drawn[0]["customdata"]) if data[1].startswith("Event Error"))
    select(at, 1, drawn[0]["customdata"][number])
    error = next(thing for thing in result.things if (thing.kind, thing.value) == ("event", "error"))
    assert last_listed(at) == error.stopped
    assert json.loads("".join(link(at)["sel"]))["had"] == ["event", "error"]
    choice = control(at, "selectbox", "Who had it")
    choice.set_value(choice.value + 1).run()
    assert last_listed(at) == error.went_on


def test_nobody_to_compare_with_is_a_sentence(opened, journeys):
    steps = json.dumps({"steps": [{"name": "a"}, {"name": "b"}]})
    at = opened(journeys("a b", "a x b"), FUNNEL, p=steps, view=shows(show="instead"))
    assert "All sessions that came to A went on" in heard(at)


def test_little_data_says_that_nothing_is_clear(opened, journeys):
    steps = json.dumps({"steps": [{"name": "a"}, {"name": "b"}]})
    at = opened(journeys("a b", "a x"), FUNNEL, p=steps, view=shows(show="instead"))
    assert "nothing else that was compared is clearly associated" in heard(at)
    assert "1 more had too few sessions to say" in heard(at)


# --- Two scopes -------------------------------------------------------------------------------------------------------


def test_two_releases_side_by_side(opened, sample):
    at = opened(sample, FUNNEL, p=PLAIN, release="1.1")
    control(at, "selectbox", "Compare with").set_value("Release 1.0").run()
    assert json.loads(view(at)["with"]) == {"releases": ["1.0"]}
    drawn = bars(at)
    counts = {
        name: [f"{step.count:,}" for step in funnel.run(sample, ASKED, Scope(releases=(name[-3:],))).steps]
        for name in ("release 1.0", "release 1.1")
    }
    assert {trace["name"]: trace["text"] for trace in drawn} == counts
    assert re.search(
        r"reached Order, \d+\.\d % of the [\d,]+ of release 1\.0: −\d+\.\d \(.*\) points, lower", answer(at)
    )
    table = at.dataframe[0].value
    assert list(table["To"]) == ["/checkout/payment", "Order", "Order"]
    assert "lower than release 1.0" in list(table["In words"])
    again = opened(sample, FUNNEL, **link(at))
    assert (answer(again), bars(again)) == (answer(at), drawn)


def test_bars_of_either_side_open_their_own(opened, sample):
    other = json.dumps({"releases": ["1.0"]})
    at = opened(sample, FUNNEL, p=PLAIN, view=json.dumps({"with": other, "show": "who"}), release="1.1")
    for trace in bars(at):
        counts = [int(text.replace(",", "")) for text in trace["text"]]
        select(at, 0, trace["customdata"][1])
        assert listed(at) == counts[1] - counts[2]


def test_a_side_is_everything_but_the_other(opened, sample):
    at = opened(sample, FUNNEL, p=PLAIN)
    control(at, "selectbox", "Compare with").set_value("Device phone").run()
    began = {trace["name"]: int(trace["text"][0].replace(",", "")) for trace in bars(at)}
    whole = funnel.run(sample, ASKED, Scope()).steps[0].count
    assert sum(began.values()) == whole and set(began) == {"device phone", "every other device"}


def test_the_days_before(opened, sample):
    at = opened(sample, FUNNEL, p=PLAIN, range=["2026-09-07", "2026-09-20"])
    control(at, "selectbox", "Compare with").set_value("The 14\u00a0days before").run()
    assert [plain(trace["name"]) for trace in bars(at)] == ["24 Aug to 6 Sep 2026", "7 Sep to 20 Sep 2026"]


@pytest.mark.parametrize("with_", ["nonsense", '{"releases": 7}', '{"no_such": ["x"]}', '{"segment": "gone"}'])
def test_a_comparison_that_cannot_be_read_is_left_out(opened, sample, with_):
    at = opened(sample, FUNNEL, p=PLAIN, view=json.dumps({"with": with_, "show": "nowhere", "grain": 3}))
    assert not at.exception
    assert [trace["name"] for trace in bars(at)] == ["Everybody"]


# --- Bad input --------------------------------------------------------------------------------------------------------

A, B = {"name": "a"}, {"name": "b"}
ODD = {
    "a step nobody did": {"steps": [A, {"name": "gone"}, B]},
    "the same step twice": {"steps": [A, A]},
    "twenty steps": {"steps": [A, B] * 10},
    "a window of zero": {"steps": [A, B], "window_s": 0},
    "a value that is sometimes a number": {"steps": [A, B], "breakdown": "properties.odd"},
    "counted by a field": {"steps": [A, B], "by": "properties.odd"},
    "unordered": {"steps": [A, B], "order": "unordered"},
    "an exclusion": {"steps": [A, B], "exclusions": [{"matcher": {"name": "x"}, "from_step": 1, "to_step": 2}]},
}


@pytest.mark.parametrize("asked", ODD.values(), ids=ODD)
def test_whatever_is_asked_each_section_answers(opened, store_of, asked):
    rows = []
    for n, story in enumerate(["a b", "a x b", "a a", "b a", "a b a b a b", "a"] * 3):
        for minute, name in enumerate(story.split()):
            odd = [1, "1", "x", None, 2.5, True][n % 6]
            time = datetime(2026, 3, 2 + n, 9, minute)
            own = {"user_id": f"u{n % 7}", "session_id": f"s{n}", "timestamp": time, "event": name}
            rows.append(own | ({} if odd is None else {"odd": odd}))
    store = store_of(rows)
    at = opened(store, FUNNEL, p=json.dumps(asked))
    for show in ("who", "instead", "time", "trend", "split"):
        at = opened(store, FUNNEL, p=json.dumps(asked), view=shows(show=show))
        assert not at.exception, show
        assert not [one.value for one in at.error], show
        assert at.markdown[0].value and at.get("plotly_chart")


@pytest.mark.parametrize("show", ["instead", "time", "trend", "split"])
def test_what_events_say_is_text(opened, hostile, show):
    other = json.dumps({"devices": ["[click me](https://evil.example/steal)"]})
    for extra in ({}, {"with": other}):
        at = opened(hostile, FUNNEL, view=json.dumps({"show": show, **extra}))
        assert not at.exception
        assert marks(at) == []
