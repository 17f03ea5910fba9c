"""Who signed in to a computer: what of syslog is an event, whose it is, and in which year."""

import datetime as dt
import json
import os

import pytest

from analytics import ingest

LOG = """\
Dec 31 23:59:50 web sshd[1]: Failed password for invalid user bob from 203.0.113.9 port 22 ssh2
Dec 31 23:59:51 web sshd[1]: Invalid user bob from 203.0.113.9
Dec 31 23:59:52 web sshd[1]: message repeated 2 times: [ Failed password for root from 203.0.113.9 port 22 ssh2]
Jan  1 00:00:10 web sshd[2]: Accepted publickey for ann from 203.0.113.7 port 22 ssh2: RSA SHA256:x
Jan  1 00:00:11 web systemd-logind[9]: New session 1 of user ann.
Jan  1 00:00:20 web sudo:      ann : TTY=pts/0 ; PWD=/home/ann ; USER=root ; COMMAND=/usr/bin/apt update
Jan  1 00:01:00 web sshd[2]: pam_unix(sshd:session): session closed for user ann
nonsense of 203.0.113.8
"""
PEOPLE = "SELECT name, CAST(time AS VARCHAR), properties FROM events ORDER BY line"


@pytest.fixture
def log(file):
    def make(text, written=dt.datetime(2024, 3, 1, tzinfo=dt.UTC)):
        path = file("auth.log", text)
        os.utime(path, (written.timestamp(), written.timestamp()))
        return path

    return make


def test_who_signed_in_and_who_failed(store, log):
    (report,) = ingest.load(store, [log(LOG)]).imports
    assert (report.format, report.rows_read, report.events_added, report.rejected, report.not_events) == (
        *("auth-log", 8, 6, 1, 1),
    )
    assert any("as of 2024" in note for note in report.notes)
    with store.reading_cursor() as cursor:
        rows = cursor.execute(PEOPLE).fetchall()
        assert [row[:2] for row in rows] == [
            ("login_failed", "2023-12-31 23:59:50"),
            ("invalid_user", "2023-12-31 23:59:51"),
            ("login_failed", "2023-12-31 23:59:52"),
            ("login", "2024-01-01 00:00:10"),
            ("sudo", "2024-01-01 00:00:20"),
            ("logout", "2024-01-01 00:01:00"),
        ]
        told = [json.loads(row[2]) for row in rows]
        assert [one.get("account") for one in told] == ["bob", "bob", "root", "ann", None, None]
        assert (told[2]["repeated"], told[4]["command"]) == (2, "/usr/bin/apt update")
        # ann is a user; root and bob never signed in: what failed is the address's
        people = cursor.execute("SELECT count(*), count(CASE WHEN kind = 'user' THEN 1 END) FROM users").fetchone()
        assert people == (2, 1)
        ((row,),) = cursor.execute('SELECT "row" FROM rejects').fetchall()
        assert row == "nonsense of [address]" and "203.0.113" not in str(rows)


@pytest.mark.parametrize(
    ("written", "year"),
    [
        pytest.param(dt.datetime(2024, 3, 2, tzinfo=dt.UTC), 2024, id="the same day"),
        pytest.param(dt.datetime(2024, 3, 1, tzinfo=dt.UTC), 2024, id="a day of doubt about the zone"),
        pytest.param(dt.datetime(2024, 2, 28, tzinfo=dt.UTC), 2023, id="not after the file's own time"),
    ],
)
def test_the_year_is_the_latest_possible(store, log, written, year):
    ingest.load(store, [log(LOG.splitlines()[3].replace("Jan  1", "Mar  2") + "\n", written)])
    with store.reading_cursor() as cursor:
        assert cursor.execute("SELECT year(time) FROM events").fetchone() == (year,)


def test_times_with_year_and_zone_are_read_as_they_are(events):
    text = LOG.splitlines()[3].replace("Jan  1 00:00:10", "2020-01-01T00:00:10.5+01:00") + "\n"
    assert events(text, "name, CAST(time AS VARCHAR)", name="auth.log") == [("login", "2019-12-31 23:00:10.5")]


def test_times_without_a_zone_are_in_the_imports(store, log):
    ingest.load(store, [log(LOG.splitlines()[3] + "\n")], ingest.Options(timezone="Europe/Berlin"))
    with store.reading_cursor() as cursor:
        assert cursor.execute("SELECT CAST(time AS VARCHAR) FROM events").fetchone() == ("2023-12-31 23:00:10",)
