"""Files at an address, from a server in this process: streamed, never shown with what is secret, refused with a sentence."""

import datetime as dt
import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import pytest

from analytics import ingest
from analytics.errors import AnalyticsError, InvalidQuestion, UnreadableSource
from analytics.ingest import remote

TABLE = b"timestamp,event,user_id\n2024-01-01,a,u\n2024-01-02,b,u\n"
SECRET = "X-Signature=c0ffee"


class Server(ThreadingHTTPServer):
    """`files` by path; `wishes` are the (method, path with query, headers) that came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.wishes: list[tuple[str, str, dict[str, str]]] = []
        self.page = 1000
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.server.wishes.append((self.command, self.path, dict(self.headers)))
        path, query = unquote(parts.path), parse_qs(parts.query)
        if "list-type" in query:
            self._say(200, self._list(path, query))
        elif path.startswith("/moved/"):
            self.send_response(302)
            self.send_header("Location", unquote(parts.query))
            self.end_headers()
        elif path.startswith("/forbidden/"):
            self._say(403, b"<Error>AccessDenied</Error>")
        elif path.startswith("/elsewhere/") and "eu-west-3" not in self.headers.get("Authorization", ""):
            self._say(400, b"", {"x-amz-bucket-region": "eu-west-3"})
        elif path.startswith("/broken/"):
            self._say(200, TABLE, {"Content-Length": str(len(TABLE) * 2)})
        elif path in self.server.files:
            self._say(200, self.server.files[path])
        else:
            self._say(404, b"no such file")

    do_HEAD = do_GET  # noqa: N815 - the library's name

    def _list(self, bucket: str, query: dict[str, list[str]]) -> bytes:
        """A page of keys as S3 lists them."""
        keys = sorted(
            path.removeprefix(bucket)
            for path in self.server.files
            if path.startswith(bucket + query.get("prefix", [""])[0])
        )
        start = int(query.get("continuation-token", ["0"])[0])
        end = start + self.server.page
        more = f"<NextContinuationToken>{end}</NextContinuationToken>" if end < len(keys) else ""
        rows = "".join(
            f"<Contents><Key>{escape(key.replace(' ', '+'))}</Key><ETag>x</ETag><Size>{len(self.server.files[bucket + key])}</Size></Contents>"
            for key in keys[start:end]
        )
        return f"<?xml version='1.0'?><ListBucketResult><IsTruncated/>{rows}{more}</ListBucketResult>".encode()

    def _say(self, code: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(code)
        for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)
        self.close_connection = True

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch) -> Iterator[Server]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL_S3"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    server = Server()
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def keys(monkeypatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")


def imported(report) -> list[tuple[str, int]]:
    return [(one.file, one.events_added) for one in report.imports]


def everything(store) -> str:
    with store.reading_cursor() as cursor:
        tables = [
            row[0] for row in cursor.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall()
        ]
        return "".join(str(cursor.execute(f"SELECT * FROM {table}").fetchall()) for table in tables)


def test_a_file_at_an_address_is_a_file_like_any_other(store, server, file):
    server.files["/export/day 1.csv.gz"] = gzip.compress(TABLE, mtime=0)
    seen = []
    address = f"{server.url}/export/day%201.csv.gz?{SECRET}#{SECRET}"
    report = ingest.load(store, [address], progress=lambda progress: seen.append(progress.what))
    assert imported(report) == [(f"{server.url}/export/day%201.csv.gz", 2)]
    assert any(what.startswith(f"fetching {server.url}/export/day%201.csv.gz") for what in seen)
    assert SECRET not in everything(store) + report.text() + str(report.to_json()) + str(seen)
    assert [SECRET in path for _, path, _ in server.wishes] == [True, True]  # asked for its size, and fetched
    again = ingest.load(store, [file("bare.csv.gz", gzip.compress(TABLE, mtime=0))])
    assert again.imports[0].duplicates == 2
    assert list(store.spool.glob("load-*")) == []


@pytest.mark.parametrize(
    ("address", "error", "sentence"),
    [
        pytest.param("{url}/none.csv?" + SECRET, UnreadableSource, "^There is no file {url}/none.csv.$", id="none there"),
        pytest.param("{url}/forbidden/a.csv?" + SECRET, UnreadableSource, "^{url}/forbidden/a.csv may not be read by everybody", id="forbidden"),
        pytest.param("{url}/broken/a.csv?" + SECRET, UnreadableSource, "^{url}/broken/a.csv broke off after 54\u00a0bytes of 108\u00a0bytes; try again.$", id="half of it"),
        pytest.param("{url}/moved/?http://example.org/a.csv", InvalidQuestion, "^http://example.org/a.csv is not encrypted", id="sent on to plain http"),
        pytest.param("{url}/moved/?file:///etc/passwd", AnalyticsError, "file:///etc/passwd", id="sent on to a file"),
        pytest.param("http://127.0.0.1:9/a.csv?" + SECRET, UnreadableSource, "^http://127.0.0.1:9/a.csv cannot be reached: Connection refused.$", id="nobody there"),
        pytest.param("https://nowhere.invalid/a.csv?" + SECRET, UnreadableSource, "^https://nowhere.invalid/a.csv cannot be", id="no such host"),
        pytest.param("http://example.org/a.csv?" + SECRET, InvalidQuestion, "^http://example.org/a.csv is not encrypted on its way; use https://", id="plain http"),
        pytest.param("ftp://example.org/a.csv", InvalidQuestion, "^ftp://example.org/a.csv is no address known here; they begin with https:// or s3://.$", id="ftp"),
        pytest.param("file:///etc/passwd", InvalidQuestion, "is no address known here", id="file"),
        pytest.param("gs://bucket/a.csv", InvalidQuestion, "is no address known here", id="another cloud"),
        pytest.param("https://me:hidden@example.org/a.csv", InvalidQuestion, "^Leave name and password out of the address https://example.org/a.csv:", id="a password"),
        pytest.param("s3://", InvalidQuestion, "^s3:// names no bucket", id="no bucket"),
        pytest.param("s3://forbidden/a.csv", UnreadableSource, "^s3://forbidden/a.csv may not be read without keys: set AWS_ACCESS_KEY_ID", id="no keys"),
        pytest.param("s3://logs/none.csv", UnreadableSource, "^There is no file s3://logs/none.csv.$", id="no such key"),
        pytest.param("s3://logs/none/*.csv", UnreadableSource, r"^There is no file at s3://logs/none/\*.csv.$", id="no key that fits"),
    ],
)  # fmt: skip
def test_what_cannot_be_fetched_is_one_sentence(store, server, address, error, sentence):
    with pytest.raises(error, match=sentence.format(url=server.url)) as caught:
        ingest.load(store, [address.format(url=server.url)])
    assert SECRET not in str(caught.value)
    assert "hidden" not in str(caught.value)
    assert list(store.spool.glob("load-*")) == []


def test_only_a_text_is_an_address(store, server, tmp_path):
    """Pages pass paths, so nobody can have the server fetch what only it can reach."""
    from pathlib import Path

    with pytest.raises(UnreadableSource, match="There is no file"):
        ingest.load(store, [Path(f"{server.url}/a.csv")])
    assert server.wishes == []


@pytest.mark.parametrize(
    ("address", "found"),
    [
        pytest.param("s3://logs/a.csv", ["a.csv"], id="one key"),
        pytest.param("s3://logs/day/", ["day/1/b.csv", "day/2 é&/c.csv", "day/d.csv"], id="a folder"),
        pytest.param("s3://logs/day/*.csv", ["day/d.csv"], id="a pattern stays in its folder"),
        pytest.param("s3://logs/**/*.csv", ["a.csv", "day/1/b.csv", "day/2 é&/c.csv", "day/d.csv"], id="any depth"),
        pytest.param("s3://logs/day/[12]*/?.csv", ["day/1/b.csv", "day/2 é&/c.csv"], id="characters"),
        pytest.param("s3://logs", ["a.csv", "day/1/b.csv", "day/2 é&/c.csv", "day/d.csv"], id="a bucket"),
    ],
)
def test_a_bucket_is_listed_in_pages_and_read_with_the_environments_keys(store, server, keys, address, found):
    for name in ("a.csv", "day/1/b.csv", "day/2 é&/c.csv", "day/d.csv"):
        server.files[f"/logs/{name}"] = TABLE.replace(b",a,", f",{name},".encode())
    server.page = 2
    report = ingest.load(store, [address])
    assert imported(report) == [(f"s3://logs/{name}", 2) for name in found]
    assert all("Credential=AKIAIOSFODNN7EXAMPLE/" in headers["Authorization"] for *_, headers in server.wishes)
    assert "AKIA" not in everything(store) + str(report)


def test_a_bucket_of_another_region_is_asked_there(store, server, keys):
    server.files["/elsewhere/a.csv"] = TABLE
    assert imported(ingest.load(store, ["s3://elsewhere/a.csv"])) == [("s3://elsewhere/a.csv", 2)]


@pytest.mark.parametrize(
    ("query", "signature"),
    [
        pytest.param("lifecycle=", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543", id="one word"),
        pytest.param("max-keys=2&prefix=J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7", id="a list"),
    ],
)  # fmt: skip
def test_signatures_are_those_of_the_manual(monkeypatch, query, signature):
    """Amazon S3 API Reference, "Signature Calculations for the Authorization Header", its examples."""
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    headers = remote.signed(
        "GET", "examplebucket.s3.amazonaws.com", "/", query, "us-east-1", "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", now=dt.datetime(2013, 5, 24, tzinfo=dt.UTC),
    )  # fmt: skip
    assert headers["Authorization"].endswith(f"Signature={signature}")


def test_what_never_belongs_to_an_address_is_a_path():
    for text, is_one in (
        ("https://a/b", True),
        ("s3://b", True),
        ("C:\\a.csv", False),
        ("a://b", False),
        ("day/a.csv", False),
    ):
        assert remote.is_address(text) == is_one
