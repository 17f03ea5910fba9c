"""How far an import is: never backwards, rows as they are, and an estimate of the time left that is no finer than known."""

import itertools
import sys

import pytest

from analytics import cli, ingest, words
from analytics.ingest import watch as watching
from analytics.ingest.watch import Progress, Watch

FILE = "timestamp,event,user_id\n" + "".join(f"2026-05-04 09:00:00,order,u{n}\n" for n in range(40_000))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.fixture
def clock(monkeypatch):
    """Time stands still until a test moves it."""
    now = [100.0]
    monkeypatch.setattr(watching.time, "monotonic", lambda: now[0])

    def passes(seconds: float) -> None:
        now[0] += seconds

    return passes


def watched() -> tuple[Watch, list[Progress]]:
    seen: list[Progress] = []
    return Watch(seen.append, lambda: False), seen


@pytest.mark.parametrize(
    ("progress", "said"),
    [
        (Progress("reading a.csv", 0.0), "0 %: reading a.csv"),
        (Progress("reading a.csv", 0.42, 4_210_000, 312_345, 83), "42 %, about 1 m 25 s left: reading a.csv, 4,210,000 rows, 310,000 a second"),
        (Progress("reading a.csv", 0.42, 12, None, 2), "42 %, about 5 s left: reading a.csv, 12 rows"),
        (Progress("making sessions", 0.999, None, None, 0.1), "99 %, about 5 s left: making sessions"),
        (Progress("making sessions", 0.5, None, None, 1234), "50 %, about 21 m 00 s left: making sessions"),
        (Progress("checking", 1.0, None, None, 0), "100 %: checking"),
        (Progress("reading", 0.1, 9, 7.4, 59 * 60), "10 %, about 59 m 00 s left: reading, 9 rows, 7 a second"),
    ],
)  # fmt: skip
def test_what_is_said(progress, said):
    assert plain(progress.text()) == said


def test_an_import_reports_every_row_it_reads_and_never_goes_back(store, tmp_path):
    file = tmp_path / "many.csv"
    file.write_text(FILE)
    seen: list[Progress] = []
    ingest.load(store, [file], progress=seen.append)
    assert all(one.share <= other.share for one, other in itertools.pairwise(seen))
    assert seen[-1].share == 1.0
    assert {one.what for one in seen} >= {"reading many.csv", "making sessions", "checking"}
    assert max(one.rows or 0 for one in seen if one.what == "making sessions") == 40_000
    assert all(0 <= (one.rows or 0) <= 40_000 for one in seen)


def test_rows_and_their_rate(clock):
    watch, seen = watched()
    watch.begin("reading a.csv", 0.0, 0.5)
    watch.over_rows(1_000_000)
    for part in (0.1, 0.2, 0.3):
        clock(2)
        watch.reached(part)
    assert (seen[-1].rows, seen[-1].rows_per_s, seen[-1].share) == (300_000, 50_000, 0.15)
    assert seen[-1].left_s == pytest.approx(34)
    watch.begin("making sessions", 0.5, 1.0, rows=900_000)
    assert (seen[-1].rows, seen[-1].rows_per_s, seen[-1].share) == (None, None, 0.5)
    clock(2)
    watch.reached(0.5)
    assert seen[-1].rows == 450_000


def test_rows_of_many_files_are_counted_on(clock):
    watch, seen = watched()
    for n in range(3):
        watch.begin(f"reading {n}.csv", n / 3, (n + 1) / 3, goes_on=n > 0)
        watch.over_rows(1000)
        clock(1)
        watch.reached(0.5)
        clock(1)
        watch.reached(1.0)
    assert (seen[-1].rows, seen[-1].rows_per_s) == (3000, pytest.approx(500))
    watch.begin("making sessions", 1.0, 1.0, rows=3000)
    assert seen[-1].rows is None


def test_the_rate_is_that_of_late(clock):
    watch, seen = watched()
    watch.begin("reading a.csv", 0.0, 1.0, rows=1000)
    for part in (0.1, 0.2, 0.3, 0.31, 0.32):
        clock(8)
        watch.reached(part)
    assert seen[-1].rows_per_s == pytest.approx(20 / 16)


def test_without_knowing_how_many_there_are_no_rows_are_claimed(clock):
    watch, seen = watched()
    watch.begin("reading a.json", 0.0, 0.5)
    watch.over_rows(None)
    clock(5)
    watch.reached(0.5)
    assert (seen[-1].rows, seen[-1].rows_per_s) == (None, None)


def test_during_a_long_statement_the_bar_goes_on_as_before_and_never_past_the_work(clock):
    watch, seen = watched()
    watch.begin("reading a.csv", 0.0, 0.5)
    clock(10)
    watch.begin("making sessions", 0.5, 0.9)
    shares = []
    for _ in range(50):
        clock(2)
        watch._tell()
        shares.append(seen[-1].share)
    assert shares[0] == pytest.approx(0.5 + 2 * 0.05, abs=0.015)
    assert all(one < other < 0.9 for one, other in itertools.pairwise(shares))
    watch.begin("checking", 0.9, 1.0)
    assert seen[-1].share == pytest.approx(0.9)


def test_at_first_nothing_is_said_about_the_time_left(clock):
    watch, seen = watched()
    watch.begin("reading a.csv", 0.0, 1.0)
    clock(1)
    watch.reached(0.5)
    assert seen[-1].left_s is None


def test_the_terminals_line_is_as_wide_as_the_terminal_and_gone_at_the_end(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    cli._progress(Progress("reading " + "a" * 100, 0.42, 4_210_000, 312_345, 83))
    cli._progress(Progress("checking", 1.0))
    line, last = capsys.readouterr().err.replace("\r\r", "\r").strip("\r").split("\r")
    assert plain(line) == "42 %, about 1 m 25 s left: reading aaaa"
    assert last == " " * 39


@pytest.mark.parametrize(
    ("octets", "said"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1.0 kB"), (41_200, "41 kB"), (999_499, "999 kB"),
     (999_500, "1.0 MB"), (8 << 20, "8.4 MB"), (403_200_034, "403 MB"), (40e9, "40 GB"), (5e15, "5,000 TB")],
)  # fmt: skip
def test_the_size_of_a_file(octets, said):
    assert plain(words.size(octets)) == said
