"""Whatever happens to a good file of any format: every row is counted once, or one sentence says why it is not read.

`SESSIONSCOPE_FUZZ=2000` tries so many spoilt files of each format.
"""

import gzip
import json
import os
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from analytics import ingest
from analytics.errors import InvalidQuestion, UnreadableSource
from analytics.ingest.readers import PRODUCTS, READERS
from analytics.store import DuckStore
from tests.ingest.good_files import GOOD

EXAMPLES = int(os.environ.get("SESSIONSCOPE_FUZZ", "2"))
ABSURD = (b"0", b"-1", b"1970-01-01T00:00:00Z", b"2100-01-01 00:00:00", b"9" * 30, b"1e400", b"NaN", b"0000-00-00", b"")
DEEP = (b"[" * 3_000, b'{"a":' * 3_000, b"<a>" * 300, b"(" * 3_000)
ODD = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"'", b"\\", b"\r", b"\n", b"\r\n", b"\t", b",", b";", b"{}", b"[]", b"null", b"$x", b"%s",
    b"\\u0000", b"\\ud800", "\u2028".encode(), "\U0001f600".encode(), b"\x1e", b"\x01", b"`", b"{name}", b"';--", b"-", b"%zz", b"%E9", b"{broken", b"<event>", b"&#0;", b"<!DOCTYPE a>",
)  # fmt: skip


def cut(draw, content: bytes) -> bytes:
    return content[: draw(st.integers(0, len(content)))]


def changed(draw, content: bytes) -> bytes:
    at = draw(st.integers(0, max(len(content) - 1, 0)))
    return content[:at] + bytes([draw(st.integers(0, 255))]) + content[at + 1 :]


def inserted(draw, content: bytes) -> bytes:
    at = draw(st.integers(0, len(content)))
    return content[:at] + draw(st.sampled_from((*ODD, *DEEP))) + content[at:]


def removed(draw, content: bytes) -> bytes:
    first, last = sorted((draw(st.integers(0, len(content))), draw(st.integers(0, len(content)))))
    return content[:first] + content[min(last, first + 40) :]


def of_lines(draw, content: bytes) -> bytes:
    """Lines doubled, left out, or in another order."""
    rows = content.splitlines(keepends=True)
    return b"".join(draw(st.lists(st.sampled_from(rows), max_size=2 * len(rows)))) if rows else content


def absurd(draw, content: bytes) -> bytes:
    """A number or a time that cannot be."""
    places = list(re.finditer(rb"\d[\d:.TZ-]{3,}", content))
    if not places:
        return content
    found = draw(st.sampled_from(places))
    return content[: found.start()] + draw(st.sampled_from(ABSURD)) + content[found.end() :]


def spoilt_value(draw, content: bytes) -> bytes:
    """A value of JSON of another kind."""
    places = list(re.finditer(rb'"[^"]*"(?=\s*[,}\]])|\b\d+\b(?=\s*[,}\]])', content))
    if not places:
        return content
    found = draw(st.sampled_from(places))
    value = draw(st.sampled_from([None, True, -1, 1e300, "", "x" * 5_000, [], {}, [{"a": [1]}], {"a": {"b": None}}]))
    return content[: found.start()] + json.dumps(value).encode() + content[found.end() :]


def recoded(draw, content: bytes) -> bytes:
    try:
        return content.decode().encode(draw(st.sampled_from(["utf-16", "utf-16-be", "utf-32", "cp1252", "utf-8-sig"])))
    except UnicodeError:
        return content


def packed(draw, content: bytes) -> bytes:
    whole = gzip.compress(content, mtime=0)
    return whole[: draw(st.sampled_from([len(whole), len(whole) - 5, len(whole) // 2, 12]))]


def mixed(draw, content: bytes) -> bytes:
    other = GOOD[draw(st.sampled_from(sorted(GOOD)))]
    return content + other if draw(st.booleans()) else other + content


SPOIL: tuple[Callable[..., bytes], ...] = (
    cut, changed, inserted, removed, of_lines, absurd, spoilt_value, recoded, packed, mixed,
)  # fmt: skip


@st.composite
def spoilt(draw: st.DrawFn, content: bytes) -> bytes:
    for way in draw(st.lists(st.sampled_from(SPOIL), min_size=1, max_size=3)):
        content = way(draw, content)
    return content


def test_there_is_a_good_file_of_every_format(store, tmp_path):
    assert {format_of(name) for name in GOOD} == {reader.name for reader in (*READERS, *PRODUCTS)}
    for name, content in GOOD.items():
        (tmp_path / name).write_bytes(content)
        (one,) = ingest.load(store, [tmp_path / name]).imports
        assert (one.format, one.rejected) == (format_of(name), 0)
        assert one.events_added + one.duplicates >= 4, name


@pytest.mark.parametrize("name", sorted(GOOD))
@pytest.mark.parametrize("said", [False, True], ids=["by signature", "by name"])
def test_every_row_is_counted_once_or_a_sentence_says_why_not(tmp_path, name, said):
    @seed(random.SystemRandom().getrandbits(64) if "SESSIONSCOPE_FUZZ" in os.environ else 1)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(spoilt(GOOD[name]))
    def each(content: bytes) -> None:
        check(tmp_path / "spoilt", content, format_of(name) if said else None)

    each()


def format_of(name: str) -> str:
    return name.split(" ")[0]


def check(path: Path, content: bytes, format: str | None) -> None:
    path.write_bytes(content)
    options = ingest.Options(format=format)
    store = DuckStore.open(":memory:", threads=1)
    try:
        (one,) = ingest.load(store, [path], options).imports
    except (UnreadableSource, InvalidQuestion) as error:
        assert str(error).endswith(".") and "\n" not in str(error), str(error)
        assert len(str(error)) < 1_000, str(error)
    else:
        assert one.rows_read == one.events_added + one.duplicates + one.rejected + one.not_events
        with store.reading_cursor() as cursor:
            stored = cursor.execute("SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM rejects)").fetchone()
        assert stored == (one.events_added, one.rejected)
    finally:
        store.close()
    try:
        ingest.preview(path, options)
    except (UnreadableSource, InvalidQuestion) as error:
        assert str(error).endswith("."), str(error)
