"""The page of kinds of sessions: its answer, its list, its segment, and what it says where there are none."""

import json
import re

from analytics import registry
from analytics.analyses import clusters
from analytics.analyses.clusters import Clusters
from analytics.clustering import Cluster
from analytics.conditions import Matcher
from analytics.scope import Scope
from analytics.workspace import segments
from tests.analyses.test_clusters import PLANTED, told
from tests.pages.conftest import link, marks
from tests.pages.test_journeys import answer, control, listed, params, plain, title

PAGE = "journeys/clusters.py"
QUESTION = Clusters(goal=Matcher(name="order"))


def planted(store_of):
    return store_of(told(PLANTED, seconds=lambda n: 1 + n % 5 / 4))


def test_opens_on_the_sample(opened, sample):
    at = opened(sample, PAGE)
    found = re.match(
        r"(\d) kinds of sessions are told apart best\. The largest is (.+?): ([\d,]+) sessions, [\d.]+ %\. "
        r"Of .+, [\d.]+ % reach “order”, most of all kinds\.$",
        answer(at),
    )
    assert listed(at) == int(found[3].replace(",", ""))
    assert title(at).startswith(found[2])
    assert params(at).keys() == {"groups"}, "a link stays what it is when the team's groups change"
    assert len(at.get("plotly_chart")) == 2
    assert len(control(at, "selectbox", "Sessions of").options) == int(found[1])


def test_the_list_is_of_the_kind_that_is_chosen(opened, store_of):
    store = planted(store_of)
    result = clusters.run(store, QUESTION, Scope())
    at = opened(store, PAGE)
    for number, kind in enumerate(result.kinds):
        control(at, "selectbox", "Sessions of").set_value(number).run()
        assert title(at) == f"{kind.name}: {kind.sessions} sessions"
    assert json.loads("".join(link(at)["sel"])) == {"kind": 3}
    control(at, "selectbox", "In which order").set_value("latest").run()
    assert listed(at) == 15


def test_as_many_kinds_as_asked_for(opened, store_of):
    at = opened(planted(store_of), PAGE, p='{"k":5}')
    assert answer(at).startswith("5 kinds of sessions are asked for.")
    control(at, "selectbox", "Kinds").set_value(2).run()
    assert answer(at).startswith("2 kinds of sessions are asked for.")
    assert params(at) == {"k": 2}
    control(at, "selectbox", "Kinds").set_value(0).run()
    assert answer(at).startswith("3 kinds of sessions are told apart best.")
    control(at, "selectbox", "Goal").set_value("No goal").run()
    assert "reach" not in answer(at)


def test_a_kind_becomes_a_segment(opened, store_of):
    store = planted(store_of)
    at = opened(store, PAGE, sel='{"kind":3}')
    control(at, "text_input", "Name").set_value("Buyers").run()
    control(at, "button", "Save").click().run()
    assert not at.exception
    assert any("Saved as the segment “Buyers”" in plain(one.value) for one in at.caption)
    named = segments.resolved(Scope(segment="Buyers"), lambda: segments.known(store))
    assert registry.sessions_in(store, named) == 15
    assert named.segment.members.describe() == "kind of sessions “Buyers”"
    control(at, "button", "Save").click().run()
    assert any("'Buyers'" in plain(one.value) for one in at.warning), "the name is taken, and that is said"


def test_only_these_sessions(opened, store_of):
    at = opened(planted(store_of), PAGE, sel='{"kind":2}')
    name = title(at).partition(":")[0]
    control(at, "button", "Only these").click().run()
    assert answer(at) == "Too few sessions to tell kinds apart: 25 sessions are here, and 50 are needed."
    assert plain(at.caption[0].value).startswith(f"25 sessions, 2 Mar 2026, kind of sessions “{name}”")
    kept = link(at)["kind"]
    other = opened(planted(store_of), "journeys/top_paths.py", kind=kept)
    assert plain(other.caption[0].value).startswith("25 sessions")
    control(other, "button", f"kind of sessions “{name}”").click().run()
    assert plain(other.caption[0].value).startswith("100 sessions")


def test_the_kinds_of_a_kind_are_shown_but_not_kept(opened, store_of):
    """Its own rule and that of the scope would be two; the second must not take the first one's place unseen."""
    store = store_of(told([(60, "/a"), (40, "/a go go go"), (40, "/a stop stop stop")], seconds=lambda n: 1 + n % 5))
    at = opened(store, PAGE, p='{"k":2,"goal":null}')
    control(at, "selectbox", "Sessions of").set_value(0).run()
    whole = listed(at)
    control(at, "button", "Only these").click().run()
    assert not at.exception
    assert sum(kind.sessions for kind in clusters.run(store, Clusters(k=2), _scope(at)).kinds) == whole
    assert "Only these" not in [button.label for button in at.button]
    assert any("holds no second one" in plain(one.value) for one in at.caption)


def _scope(at):
    return Scope(cluster=registry.parse(Cluster, "".join(link(at)["kind"]), "the link"))


def test_a_link_with_a_kind_that_cannot_be_read(opened, store_of):
    at = opened(planted(store_of), PAGE, kind='{"features":[]}')
    assert not at.exception
    assert any("It is left out." in plain(one.value) for one in at.warning)


def test_where_there_are_none(opened, store_of):
    few = opened(store_of(told(PLANTED[1:2])), PAGE)
    assert answer(few) == "Too few sessions to tell kinds apart: 25 sessions are here, and 50 are needed."
    alike = opened(store_of(told([(70, "/a /b")])), PAGE)
    assert answer(alike) == "All sessions are alike: nothing that is compared tells them apart."


def test_no_clear_groups_are_called_so(opened, store_of):
    story = [(9, "/a" + " go" * n + " stop" * m) for n in range(5) for m in range(5)]
    at = opened(store_of(told(story)), PAGE, p='{"k":8,"goal":null}')
    result = clusters.run(store_of(told(story)), Clusters(k=8), Scope())
    assert ("shade into one another" in answer(at)) == (result.silhouette < clusters.WEAK)


def test_text_is_text(opened, hostile):
    at = opened(hostile, PAGE)
    assert not at.exception
    assert marks(at) == []


def test_names_from_data_are_text(opened, store_of):
    odd = "[x](https://evil.example) <b>"
    rows = told([(60, "/a go go go"), (40, "/a stop stop stop")])
    rows = [row | ({"event": odd} if row["event"] == "go" else {}) for row in rows]
    at = opened(store_of(rows), PAGE, p='{"goal":null}')
    assert "x](https://evil.example" in plain(at.markdown[0].value)
    assert marks(at) == []
