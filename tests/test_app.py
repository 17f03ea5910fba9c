"""The app's own routes, its headers, and the store it holds: no browser, no page."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import app
from analytics.store import DuckStore, holder
from analytics.store.duck import app_file
from analytics.version import VERSION


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    store = holder.use(DuckStore.open(":memory:", threads=1))
    with TestClient(app.app, base_url="http://localhost") as client:
        yield client
    assert store not in holder._stores, "the app closes its store when it stops"


@pytest.fixture
def nothing_open() -> Iterator[None]:
    holder.close_all()
    yield
    holder.close_all()


def test_health_says_what_is_stored_and_nothing_about_the_machine(client):
    answer = client.get("/api/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "version": VERSION, "sessions": 0})


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_health_refuses_other_methods_where_streamlit_would_send_its_page(client, method):
    answer = client.request(method, "/api/health")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_an_unknown_address_of_ours_is_not_a_page(client):
    answer = client.get("/api/heatlh")
    assert (answer.status_code, answer.json()) == (404, {"error": "There is nothing at /api/heatlh."})


@pytest.mark.parametrize("path", ["/", "/journeys", "/api/health", "/_stcore/health", "/favicon.png"])
def test_every_answer_carries_the_security_headers(client, path):
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert headers["referrer-policy"] == "same-origin"
    policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == "'self'"
    assert policy["img-src"] == "'self' data: blob:", "a picture named in an event's text is not fetched"
    assert "'unsafe-inline'" not in policy["script-src"]


def test_the_page_holds_no_script_that_the_policy_does_not_know(client):
    page = client.get("/")
    assert page.text.count("<script>") == page.headers["content-security-policy"].count("'sha256-") == 1


@pytest.mark.parametrize("host", ["localhost", "localhost:8501", "127.0.0.1:8501", "[::1]:8501", "LOCALHOST"])
def test_names_of_this_machine_are_answered(client, host):
    assert client.get("/api/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8501", "localhost.evil.example", "192.168.1.7:8501", ""]
)
def test_another_name_for_this_machine_is_refused(client, host):
    """A web page that points its own name at 127.0.0.1 must not read what the app says."""
    answer = client.get("/api/health", headers={"host": host})
    assert answer.status_code == 400
    assert "SESSIONSCOPE_HOST" in answer.text


def test_one_store_at_a_time_and_the_one_left_behind_stays_open(nothing_open, tmp_path):
    demo, own = tmp_path / "demo.duckdb", tmp_path / "own.duckdb"
    first = holder.switch(demo)
    second = holder.switch(own)
    assert holder.current() is second
    assert first.setting("format") == second.setting("format"), "a page may still be reading the first"
    assert holder.switch(tmp_path / "." / "demo.duckdb") is first
    assert holder.current() is first


def test_before_any_store_there_is_none(nothing_open):
    with pytest.raises(LookupError):
        holder.current()


def test_a_note_beside_each_store_says_where_the_app_is(nothing_open, tmp_path):
    before, after = tmp_path / "before.duckdb", tmp_path / "after.duckdb"
    holder.switch(before)
    assert not app_file(before).exists(), "not before it is served"
    holder.serving("http://localhost:8501")
    holder.switch(after)
    for path in (before, after):
        assert json.loads(app_file(path).read_text()) == {"pid": os.getpid(), "url": "http://localhost:8501"}
    holder.close_all()
    assert [path.name for path in Path(tmp_path).glob("*.app.json*")] == []
