"""Dropped files: what the route takes and from whom, what lies on the disk meanwhile, and that nothing stays there."""

import asyncio
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.testclient import TestClient

from pages.data.upload import disk, route
from pages.data.upload.disk import UploadRefused, Uploads, safe_name

GONE = 2**22 + 1  # no process has a number above 2**22


@pytest.fixture
def uploads(tmp_path, monkeypatch) -> Iterator[Uploads]:
    made = Uploads(tmp_path / "uploads")
    monkeypatch.setattr(route, "uploads", made)
    yield made
    made.close()


@pytest.fixture
def client(uploads) -> TestClient:
    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    routes = [Route(path, route.upload, methods=methods) for path in ("/api/upload", "/api/upload/{number}")]
    return TestClient(Starlette(routes=routes), base_url="http://localhost:8501")


@pytest.fixture
def ticket(uploads, client) -> str:
    made = uploads.issue()
    client.headers["X-Sessionscope-Ticket"] = made
    return made


def begin(client, **file) -> dict:
    answer = client.post("/api/upload", json={"files": [{"name": "a.csv", "size": 10, "modified": 5} | file]})
    assert answer.status_code == 200, answer.text
    return answer.json()["files"][0]


def put(client, number: str, offset: int, content: bytes):
    return client.put(f"/api/upload/{number}?offset={offset}", content=content)


# ----------------------------------------------------------------------------------------------------------- a transfer


def test_slices_make_the_file(client, uploads, ticket):
    one = begin(client, name="übung 1.csv")
    assert (one["received"], one["name"]) == (0, "übung 1.csv")
    assert put(client, one["id"], 0, b"01234").json() == {"received": 5}
    [upload] = uploads.files(ticket)
    assert not upload.is_whole
    assert put(client, one["id"], 5, b"56789").json() == {"received": 10}
    assert upload.is_whole
    assert upload.path.name == "übung 1.csv"
    assert upload.path.read_bytes() == b"0123456789"


def test_an_empty_file_is_whole_at_once(client, uploads, ticket):
    begin(client, size=0)
    assert uploads.files(ticket)[0].is_whole


def test_a_slice_that_was_sent_before_is_answered_with_where_the_file_ends(client, ticket):
    one = begin(client)
    put(client, one["id"], 0, b"01234")
    for offset in (0, 3, 6):
        answer = put(client, one["id"], offset, b"xx")
        assert (answer.status_code, answer.json()["received"]) == (409, 5)
    assert client.get(f"/api/upload/{one['id']}").json()["received"] == 5


def test_a_file_that_is_dropped_again_goes_on(client, ticket):
    one = begin(client)
    put(client, one["id"], 0, b"01234")
    assert begin(client) == one | {"received": 5}
    assert begin(client, modified=6)["id"] != one["id"], "it changed meanwhile: another file"
    assert begin(client, size=11)["id"] != one["id"]


def test_two_files_of_one_name_stay_two(client, uploads, ticket):
    for modified, content in ((1, b"0123456789"), (2, b"abcdefghij")):
        put(client, begin(client, modified=modified)["id"], 0, content)
    assert [upload.path.read_bytes() for upload in uploads.files(ticket)] == [b"0123456789", b"abcdefghij"]


def test_a_file_can_be_taken_back(client, uploads, ticket):
    one = begin(client)
    path = uploads.files(ticket)[0].path
    assert client.delete(f"/api/upload/{one['id']}").status_code == 204
    assert not path.exists()
    assert client.get("/api/upload").json() == {"files": []}
    assert put(client, one["id"], 0, b"x").status_code == 404


def test_not_while_it_is_read(client, uploads, ticket):
    one = begin(client)
    with uploads.held(uploads.files(ticket)):
        answer = client.delete(f"/api/upload/{one['id']}")
        assert (answer.status_code, "being brought in" in answer.json()["error"]) == (409, True)
    assert client.delete(f"/api/upload/{one['id']}").status_code == 204


def test_one_slice_of_a_file_at_a_time(client, uploads, ticket):
    one = begin(client)
    with uploads.files(ticket)[0].busy:
        assert put(client, one["id"], 0, b"x").status_code == 409
    assert put(client, one["id"], 0, b"x").status_code == 200


def test_a_connection_that_falls_silent_does_not_keep_the_file(uploads, ticket, monkeypatch):
    monkeypatch.setattr(route, "SILENT_S", 0.05)
    upload = uploads.begin(ticket, "a.csv", 10)
    coming = [{"type": "http.request", "body": b"012", "more_body": True}]

    async def receive():
        if not coming:
            await asyncio.sleep(60)
        return coming.pop()

    scope = {"type": "http", "method": "PUT", "path": "/", "query_string": b"offset=0", "headers": []}
    asyncio.run(route._receive(Request(scope, receive), upload))
    assert upload.received == 3, "what came is kept"
    assert upload.busy.acquire(blocking=False)


# ------------------------------------------------------------------------------------------------------------ from whom


@pytest.mark.parametrize("given", ["", "x", "0" * 32])
def test_without_a_ticket_there_is_nothing(client, ticket, given):
    one = begin(client)
    client.headers["X-Sessionscope-Ticket"] = given
    for answer in (
        client.get("/api/upload"),
        put(client, one["id"], 0, b"x"),
        client.delete(f"/api/upload/{one['id']}"),
    ):
        assert answer.status_code == 410
        assert "drop the file again" in answer.json()["error"]


def test_the_files_of_another_ticket_are_out_of_reach(client, uploads, ticket):
    one = begin(client)
    client.headers["X-Sessionscope-Ticket"] = uploads.issue()
    assert client.get("/api/upload").json() == {"files": []}
    assert client.get(f"/api/upload/{one['id']}").status_code == 404
    assert put(client, one["id"], 0, b"x").status_code == 404
    client.delete(f"/api/upload/{one['id']}")
    assert len(uploads.files(ticket)) == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 200, id="no browser"),
        pytest.param({"Sec-Fetch-Site": "same-origin"}, 200, id="the app's own page"),
        pytest.param({"Sec-Fetch-Site": "same-origin", "Origin": "https://x.example"}, 200, id="behind a proxy"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, 403, id="another site"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, 403, id="another port of this machine"),
        pytest.param({"Sec-Fetch-Site": "none"}, 403, id="an address typed in"),
        pytest.param({"Origin": "http://localhost:8501"}, 200, id="an older browser"),
        pytest.param({"Origin": "http://localhost:9999"}, 403, id="an older browser, another port"),
        pytest.param({"Origin": "https://evil.example"}, 403, id="an older browser, another site"),
        pytest.param({"Origin": "null"}, 403, id="a page without an origin"),
    ],
)
def test_only_the_apps_own_pages_are_answered(client, ticket, headers, status):
    assert client.get("/api/upload", headers=headers).status_code == status


@pytest.mark.parametrize("method", ["PATCH", "OPTIONS", "HEAD", "DELETE", "PUT"])
def test_other_methods_are_refused_where_streamlit_would_send_its_page(client, ticket, method):
    assert client.request(method, "/api/upload").status_code == 405
    assert client.options("/api/upload", headers={"Origin": "https://evil.example"}).status_code == 403


def test_tickets_and_files_cannot_be_guessed(client, uploads, ticket):
    numbers = {uploads.issue() for _ in range(20)} | {begin(client, modified=n)["id"] for n in range(20)}
    assert len(numbers) == 40
    assert all(len(number) == 32 and int(number, 16) >= 0 for number in numbers)


# ------------------------------------------------------------------------------------------------------------- how much


def test_no_more_comes_than_was_said(client, uploads, ticket):
    one = begin(client)
    answer = put(client, one["id"], 0, b"0" * 11)
    assert (answer.status_code, "longer than was said" in answer.json()["error"]) == (413, True)
    assert uploads.files(ticket)[0].received == 0


def test_a_slice_has_a_limit(client, ticket, monkeypatch):
    monkeypatch.setattr(route, "MOST_AT_ONCE", 8)
    one = begin(client, size=100)
    assert put(client, one["id"], 0, b"0" * 9).status_code == 413

    def unsized():
        yield from (b"0000", b"00000")

    assert client.put(f"/api/upload/{one['id']}?offset=0", content=unsized()).status_code == 413


def test_what_the_disk_cannot_hold_is_refused_before_it_is_sent(client, uploads, ticket, monkeypatch):
    usage = shutil.disk_usage(uploads.root.parent)
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda folder: usage._replace(free=disk.SPARE + 1_000_000))
    assert "id" in begin(client, size=600_000)
    said = begin(client, size=500_000, name="b.csv")["error"]
    assert said.startswith("b.csv has 500\u00a0kB, and the disk of the app has room for 400\u00a0kB.")
    assert "SESSIONSCOPE_DATA" in said


def test_whoever_runs_the_app_may_set_a_limit(client, ticket, monkeypatch):
    monkeypatch.setenv("SESSIONSCOPE_UPLOAD_GB", "0.001")
    assert "id" in begin(client, size=1_000_000)
    assert "allows 1.0\u00a0MB (SESSIONSCOPE_UPLOAD_GB)" in begin(client, size=1_000_001)["error"]


def test_there_is_a_most_of_files(client, ticket, monkeypatch):
    monkeypatch.setattr(disk, "MOST_FILES", 2)
    assert ["error" in begin(client, modified=n) for n in range(3)] == [False, False, True]


def test_a_disk_that_is_full_is_said(client, uploads, ticket, monkeypatch):
    def full(file, block):
        raise OSError(28, "No space left on device")

    one = begin(client)
    monkeypatch.setattr(route, "_write", full)
    answer = put(client, one["id"], 0, b"01234")
    assert (answer.status_code, "disk of the app is full" in answer.json()["error"]) == (507, True)


@pytest.mark.parametrize(
    "body",
    [b"", b"x", b"[]", b"{}", b'{"files": 3}', b'{"files": [3]}', b'{"files": [{"name": "a"}]}', b"[" * 100_000,
     b'{"files": [{"name": "a", "size": -1}]}', b'{"files": [{"name": "a", "size": "many"}]}', b"\xff"],
)  # fmt: skip
def test_nonsense_is_answered_with_a_sentence(client, ticket, body):
    answer = client.post("/api/upload", content=body)
    assert (answer.status_code, answer.json()["error"][:4]) == (400, "Say ")


@pytest.mark.parametrize("offset", ["", "-1", "x", "1.0", "²"])
def test_so_is_a_place_that_is_none(client, ticket, offset):
    one = begin(client)
    assert client.put(f"/api/upload/{one['id']}", params={"offset": offset}, content=b"x").status_code == 400


# --------------------------------------------------------------------------------------------------------- on the disk


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("shop.csv", "shop.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\data\\shop.csv", "shop.csv"),
        ("..", "file"),
        ("", "file"),
        ("a\0b\n.csv", "a_b_.csv"),
        ("ä" * 300 + ".jsonl.gz", "ä" * 95 + ".jsonl.gz"),
        ("x" * 300, "x" * 200),
    ],
)
def test_a_name_from_a_browser_is_a_name_of_a_file(name, kept):
    assert safe_name(name) == kept
    assert len(safe_name(name).encode()) <= 255


@pytest.mark.skipif(os.name == "nt", reason="modes are those of POSIX")
def test_nobody_else_may_read_it(client, uploads, ticket):
    begin(client)
    path = uploads.files(ticket)[0].path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(next(uploads.root.iterdir()).stat().st_mode) == 0o700


def test_what_was_brought_in_goes_and_the_rest_stays(client, uploads, ticket):
    first, second = begin(client, modified=1), begin(client, modified=2)
    uploads.clear(upload for upload in uploads.files(ticket) if upload.id == first["id"])
    assert [upload.id for upload in uploads.files(ticket)] == [second["id"]]


def test_what_nobody_comes_back_for_goes(client, uploads, ticket):
    begin(client)
    path = uploads.files(ticket)[0].path
    uploads.sweep()
    assert path.exists()
    with uploads.held(uploads.files(ticket)):
        uploads.sweep(0)
        assert path.exists(), "an import reads it"
    uploads.sweep(0)
    assert not path.exists()
    assert not uploads.knows(ticket)


def test_nothing_stays_when_the_app_stops(client, uploads, ticket):
    begin(client)
    uploads.close()
    assert not uploads.root.exists()


def test_what_a_killed_app_left_goes_and_what_a_running_one_has_stays(uploads, ticket, tmp_path):
    living = os.getppid()
    for name in (f"{GONE}-aa", f"{os.getpid()}-bb", f"{living}-cc"):
        (uploads.root / name).mkdir(parents=True)
        (uploads.root / name / "people.csv").write_text("x")
    own = uploads.begin(ticket, "a.csv", 3).path
    outside = tmp_path / "outside"
    outside.mkdir()
    (uploads.root / f"{GONE}-dd").symlink_to(outside)
    uploads.open()
    assert own.exists()
    assert outside.exists()
    left = {path.name for path in uploads.root.iterdir()} - {Path(own).relative_to(uploads.root).parts[0]}
    assert left == {f"{living}-cc", f"{GONE}-dd"}
    shutil.rmtree(uploads.root / f"{living}-cc")


def test_a_file_that_is_in_use_is_not_one_to_forget(uploads, ticket):
    upload = uploads.begin(ticket, "a.csv", 3)
    with uploads.held([upload]), pytest.raises(UploadRefused, match=r"a\.csv is being brought in"):
        uploads.remove(ticket, upload.id)
