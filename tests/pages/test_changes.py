"""The page of before and after, on the sample and on small stores: what it says, what it counts, what it lists."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics.analyses import compare
from analytics.analyses.compare import Compare
from analytics.conditions import Matcher
from analytics.scope import Scope
from analytics.store import holder
from analytics.workspace import saved

MAIN = Path(__file__).parent.parent.parent / "pages" / "main.py"
OLD, NEW = {"releases": ["1.0"]}, {"releases": ["1.1"]}


class Visit:
    """The page as a reader sees it; texts without the marks of markdown."""

    def __init__(self, **link):
        self.at = AppTest.from_file(str(MAIN), default_timeout=120)
        for name, value in link.items():
            self.at.query_params[name] = json.dumps(value) if isinstance(value, dict) else value
        self.at.switch_page("changes/compare.py").run()

    def do(self, widget, value):
        widget.set_value(value).run()
        return self

    def control(self, kind, label):
        return next(one for one in self.at.get(kind) if one.label == label)

    @staticmethod
    def plain(text):
        return text.replace("\\", "").replace("**", "").replace("\u00a0", " ")

    @property
    def title(self):
        return self.plain(self.at.title[0].value)

    @property
    def scope(self):
        return self.plain(self.at.caption[0].value)

    @property
    def captions(self):
        return " ".join(self.plain(one.value) for one in self.at.caption)

    @property
    def answer(self):
        assert not self.at.exception
        return self.plain(next(one.value for one in self.at.markdown if "badge" not in one.value))

    @property
    def causes(self):
        """By name: whether it matters, and why."""
        told = [self.plain(one.value) for one in self.at.markdown]
        badges = [n for n, text in enumerate(told) if "-badge[" in text]
        return {
            told[n + 1].partition(":")[0]: (told[n].partition("[")[2].rstrip("]"), told[n + 1].partition(": ")[2])
            for n in badges
        }

    @property
    def subheaders(self):
        return [self.plain(one.value) for one in self.at.subheader]

    def linked(self, name):
        """What the link says under `name`; AppTest gives a list of what the page wrote, the text of what it did not."""
        text = self.at.query_params.get(name, "{}")
        return json.loads(text if isinstance(text, str) else text[-1])

    @property
    def params(self):
        return self.linked("p")

    @property
    def marks(self):
        """The metrics that have a mark in the forest plot."""
        traces = [trace for trace in self.picture(0)["data"] if "customdata" in trace]
        return {about[0] for trace in traces for about in trace["customdata"]}

    def picture(self, nth):
        return json.loads(self.at.get("plotly_chart")[nth].proto.spec)


@pytest.fixture
def visit(monkeypatch):
    """`visit(store, p={...})`: that store's page, opened by that link."""

    def go(store, **link):
        monkeypatch.setattr(holder, "_stores", [store])
        return Visit(**link)

    return go


@pytest.fixture
def shop(store_of):
    """`shop(("1.0", 0, 40, 10), ...)`: under a release, from a day on, so many sessions, of which some order. A
    session is a page view, a person each, twenty a day; further fields as given."""

    def make(*groups, start=datetime(2026, 3, 2, 9), **fields):
        rows = []
        for release, day, number, orders, *more in groups:
            for n in range(number):
                time = start + timedelta(days=day + n // 20, minutes=20 * (n % 20))
                who = {"user_id": f"{release}-{day}-{n}", "session_id": f"{release}-{day}-{n}"}
                row = {"timestamp": time, "event": "page_view", "page": "/", "release": release} | who | fields
                row |= more[0](n) if more else {}
                rows.append(row)
                if n < orders:
                    rows.append(row | {"timestamp": time + timedelta(minutes=1), "event": "order"})
        return store_of([{name: value for name, value in row.items() if value is not None} for row in rows])

    return make


# --- The sample -------------------------------------------------------------------------------------------------------


def test_it_opens_on_the_last_two_releases(visit, sample):
    page = visit(sample)
    assert page.title == "Did release 1.2 help?"
    assert "of release 1.1" in page.scope
    assert "By person, 27 metrics at once." in page.scope
    assert page.answer.startswith("Yes. Sessions with order rose by ")
    assert page.params == {}


def test_the_planted_release_is_one_click_away_and_in_the_link(visit, sample):
    page = visit(sample)
    page.do(page.control("button_group", "Releases"), "1.0 → 1.1")
    assert page.title == "Did release 1.1 help?"
    assert page.answer.startswith("No. Sessions with order fell by ")
    assert " fewer a week (" in page.answer
    assert (page.params["before"]["releases"], page.params["after"]["releases"]) == (["1.0"], ["1.1"])
    again = visit(sample, p=page.params)
    assert (again.title, again.scope, again.answer) == (page.title, page.scope, page.answer)


def test_days_and_releases_of_the_sidebar_do_not_cut_releases_but_its_devices_do(visit, sample):
    whole = visit(sample, p={"before": OLD, "after": NEW})
    cut = visit(sample, p={"before": OLD, "after": NEW}, range=["2026-09-01", "2026-09-20"], release="1.1")
    assert "The days and releases of the sidebar do not apply here." in cut.scope
    assert cut.answer == whole.answer
    phones = visit(sample, p={"before": OLD, "after": NEW}, device="phone")
    assert ", on phone." in phones.scope
    assert phones.answer != whole.answer


@pytest.mark.parametrize(("which", "side"), [("before", OLD), ("after", NEW)])
def test_as_many_sessions_are_listed_as_the_figure_says(visit, sample, which, side):
    asked = Compare(Scope(releases=("1.0",)), Scope(releases=("1.1",)), ("conversion",), goal=Matcher(name="order"))
    (change,) = compare.run(sample, asked, Scope()).metrics
    counted = getattr(change, which)
    page = visit(sample, p={"before": OLD, "after": NEW})
    page.do(page.control("button_group", "Sessions of"), which)
    orders = round(counted.value * counted.n)
    assert f"Sessions with order, release {side['releases'][0]}: {orders} sessions" in page.subheaders
    assert f"{orders} of {counted.n:,} " in page.captions


def test_another_metric_by_the_box_by_the_link_and_by_a_click(visit, sample):
    page = visit(sample, p={"before": OLD, "after": NEW})
    page.do(page.control("selectbox", "Metric by day"), "error_rate")
    assert page.linked("sel") == {"metric": "error_rate"}
    assert any(text.startswith("Sessions with an error, release 1.1: ") for text in page.subheaders)
    linked = visit(sample, p={"before": OLD, "after": NEW}, sel={"metric": "error_rate"})
    assert linked.subheaders == page.subheaders
    assert {"conversion", "error_rate"} <= linked.marks
    assert "duration" not in linked.marks  # without a clear change, so it is folded away
    linked.do(linked.at.toggle[0], True)
    assert {"conversion", "error_rate", "duration"} <= linked.marks
    assert linked.linked("view") == {"all": True}


def test_weeks_are_whole_and_before_is_as_long(visit, sample):
    page = visit(sample)
    page.do(page.control("button_group", "Compare"), "Dates")
    page.do(page.control("selectbox", "Length"), 2)
    assert page.title == "Was it better from 28 Sep to 11 Oct 2026?"
    page.do(page.control("selectbox", "After begins on"), date(2026, 10, 12))
    before, after = (page.params[side] for side in ("before", "after"))
    assert (before["start"], before["stop"]) == ("2026-09-28", "2026-10-12")
    assert (after["start"], after["stop"]) == ("2026-10-12", "2026-10-26")
    assert page.causes["Weekdays"] == ("does not", "Both sides are whole weeks: 14 days before and 14 after.")


def test_by_session_is_said_and_warned_about(visit, sample):
    page = visit(sample, p={"before": OLD, "after": NEW, "by": "session"})
    assert "By session, 27 metrics at once." in page.scope
    assert page.causes["The same people"][0] == "matters"


def test_another_goal_and_none(visit, sample):
    page = visit(sample, p={"before": OLD, "after": NEW})
    page.do(page.control("selectbox", "Goal"), "add_to_cart")
    assert "essions with add_to_cart" in page.answer
    page.do(page.control("selectbox", "Goal"), "No goal")
    assert "25 metrics at once" in page.scope
    assert page.params["goal"] is None
    assert page.answer.startswith("No. ")


def test_what_moved_beside_the_release_is_measured_without_it(visit, sample):
    page = visit(sample, p={"before": OLD, "after": NEW})
    weight, why = page.causes["Campaigns"]
    assert weight == "does not"
    assert "; at the same mix the difference is −" in why
    assert page.causes["Earlier dates"][0] == "unknown"  # the data begin with the release before
    assert any("11 do not matter: devices" in page.plain(one.label) for one in page.at.expander)
    assert visit(sample).causes["Earlier dates"][0] == "matters"


# --- Small stores -----------------------------------------------------------------------------------------------------


def test_without_releases_weeks_are_compared(visit, shop):
    page = visit(shop((None, 0, 280, 28), (None, 14, 280, 140)))
    assert page.title == "Was it better from 16 Mar to 29 Mar 2026?"
    assert page.answer.startswith("Yes. Sessions with order rose by 400 % (")
    assert "1.0" not in str(page.control("button_group", "Compare").options)


def test_nothing_clear_is_said_neutrally_with_what_would_have_been_seen(visit, shop):
    page = visit(shop(("1.0", 0, 200, 60), ("1.1", 14, 200, 62)))
    assert page.answer.startswith("No clear change in sessions with order: +3 % (")
    assert "which chance alone could give; a change of " in page.answer


def test_one_person_is_not_enough_data(visit, shop):
    page = visit(shop(("1.0", 0, 100, 30), ("1.1", 14, 1, 1)))
    assert page.answer == "Not enough data to say. Only 1 people after; 10 are needed."
    assert page.subheaders[-1] == "Sessions with order, release 1.1: 1 session"


def test_where_nothing_varies_there_is_no_change(visit, shop):
    page = visit(shop(("1.0", 0, 60, 0), ("1.1", 14, 60, 0)), p={"goal": None})
    assert page.answer.startswith("No difference to judge in any of 25 metrics: what they count is too rare, or alike")
    duration = page.do(page.control("selectbox", "Metric by day"), "duration")
    assert duration.subheaders[-1] == "Duration, mean, release 1.1: 60 sessions"


def test_from_nothing_the_change_is_said_in_points(visit, shop):
    page = visit(shop(("1.0", 0, 200, 0), ("1.1", 14, 200, 60)))
    assert page.answer.startswith("Yes. Sessions with order rose by 30.0 points (")


@pytest.mark.parametrize(
    ("params", "answer"),
    [
        pytest.param({"after": {"releases": ["9.9"]}}, "No session of release 9.9 to compare.", id="empty side"),
        pytest.param(
            {"before": {"start": "2026-03-02", "stop": "2026-03-09"},
             "after": {"start": "2031-03-03", "stop": "2031-03-10"}},
            "No session from 3 Mar to 9 Mar 2031 to compare: the last session began on 20 Mar 2026.", id="future",
        ),
        pytest.param(
            {"before": {"start": "2025-03-03", "stop": "2025-03-10"},
             "after": {"start": "2025-03-10", "stop": "2025-03-17"}},
            "No session on either side to compare. Choose other days.", id="both empty",
        ),
    ],
)  # fmt: skip
def test_no_session_is_an_answer_in_words(visit, shop, params, answer):
    page = visit(shop(("1.0", 0, 100, 30), ("1.1", 14, 100, 30)), p=params)
    assert page.answer.startswith(answer)
    assert not page.at.error


def test_the_same_release_twice_is_no_question(visit, shop):
    page = visit(shop(("1.0", 0, 40, 9), ("1.1", 14, 40, 9), ("1.2", 28, 40, 9)))
    page.do(page.control("button_group", "Releases"), "Other releases")
    page.do(page.control("selectbox", "Before"), "1.2")
    assert page.answer == "Before and after are the same sessions. Choose two different ones."


def test_sides_that_overlap_and_cut_weeks_are_warned_about(visit, shop):
    ranges = {
        "before": {"start": "2026-03-02", "stop": "2026-03-09"},
        "after": {"start": "2026-03-05", "stop": "2026-03-09"},
    }
    page = visit(shop((None, 0, 140, 40)), p=ranges)
    assert page.causes["The same sessions"] == (
        "matters",
        "80 sessions are on both sides (100.0 % of the smaller one), which makes a difference look smaller than it is.",
    )
    assert page.causes["The same people"][1].startswith("80 people are on both sides (100.0 % of the smaller one)")
    assert "not whole weeks: 7 days before and 4 after" in page.causes["Weekdays"][1]


def test_a_shift_of_devices_matters(visit, shop):
    """Whoever is on a phone orders, and nobody else; phones double."""
    quarter, half = (lambda n, most=most: {"device": "phone" if n < most else "desktop"} for most in (50, 100))
    page = visit(shop(("1.0", 0, 200, 50, quarter), ("1.1", 14, 200, 100, half)))
    assert page.causes["Devices"] == (
        "matters",
        "phone has 25.0 % of sessions before and 50.0 % after, the largest shift. The mix alone makes +25.0 points; "
        "at the same mix the difference is 0.0 points (0.0 to 0.0) instead of +25.0.",
    )


def test_names_from_data_are_no_markup(visit, shop):
    odd = "1.1 ![x](https://elsewhere.example/p.png)"
    page = visit(shop(("1.0", 0, 40, 12), (odd, 14, 40, 12)))
    shown = [one.value for one in (*page.at.title, *page.at.caption, *page.at.markdown, *page.at.subheader)]
    assert not any("![x]" in text or "https://" in text for text in shown)


def test_a_link_that_says_something_else_is_followed(visit, sample):
    page = visit(sample, p={"before": {"devices": ["phone"]}, "after": {"devices": ["desktop"]}})
    assert page.title == "Which of the two is better?"
    assert "sessions on phone against" in page.scope
    assert "Devices" not in page.causes


def test_a_saved_funnel_is_a_goal(visit, shop):
    store = shop(("1.0", 0, 60, 40), ("1.1", 7, 60, 15))
    saved.save(store, "funnel", "bought", {"steps": [{"page": "/"}, {"name": "order"}], "window_s": 90})
    saved.save(store, "funnel", "any order", {"steps": [{"page": "/"}, {"name": "order"}], "order": "unordered"})
    page = visit(store)
    goal = page.control("selectbox", "Goal")
    assert "Funnel bought" in goal.options and "Funnel any order" not in goal.options
    page.do(goal, "Funnel bought")
    steps = [(step.get("page"), step.get("name")) for step in page.params["goal"]["steps"]]
    assert (steps, page.params["goal"]["window_s"]) == ([("/", None), (None, "order")], 90)
    assert page.answer.startswith("No. Sessions with /, then order fell by ")
