"""The log of who signed in to a computer (`auth.log`, `secure`): OpenSSH and sudo, as syslog writes it.

`login`, `login_failed`, `invalid_user`, `logout` and `sudo` are events; all else the system says is none. Who signed in
is a user; who failed is only an address (a keyed hash), as a wrong name is not the person of that name: it is the
property `account`. A line that syslog says came several times is one event with `repeated`.

Older syslog writes no year. It is then the latest one in which the last line is not after the file's own time; the
report says so. Within a file the year changes where the month goes back by more than half a year.
"""

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

from analytics.ingest import addresses
from analytics.ingest.files import Sample, plain_text
from analytics.ingest.readers.access_log import matching
from analytics.ingest.readers.base import Column, Table, Workbench, literal
from analytics.ingest.readers.declared import Declared
from analytics.ingest.readers.delimited import DelimitedTable
from analytics.ingest.readers.json_lines import lines_of
from analytics.ingest.readers.shape import Shape

LINE = (
    r"^(?:([A-Z][a-z]{2} [ 0-9]\d \d\d:\d\d:\d\d)|(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*)) (\S+) "
    r"([^\s:\[]+)(?:\[(\d+)\])?: (.*)$"
)
PARTS = ("moment", "time", "computer", "program", "process", "message")
SIGN = re.compile(r" (?:sshd|sudo)(?:\[\d+\])?: ")
TRIED = r"^(?:message repeated (\d+) times: \[ )?(Accepted|Failed) (\S+) for (?:invalid user )?(.*?) from (\S+)"
UNKNOWN = r"^Invalid user (.*?) from (\S+)"
LEFT = r"^pam_unix\(sshd:session\): session closed for user (\S+)"
SUDO = r"^ *(\S+) : .*COMMAND=(.*)$"
MONTH = "(strpos('JanFebMarAprMayJunJulAugSepOctNovDec', left(moment, 3)) + 2) // 3"
DAY = "CAST(substr(moment, 5, 2) AS INTEGER)"
NEW_YEARS = f"""
SELECT n FROM (
  SELECT n, month, lag(month) OVER (ORDER BY n) AS before
  FROM (SELECT n, {MONTH} AS month FROM {{lines}} WHERE moment IS NOT NULL))
WHERE before - month > 6 ORDER BY n LIMIT 200
"""
LAST = f"SELECT {MONTH}, {DAY} FROM {{lines}} WHERE moment IS NOT NULL ORDER BY n DESC LIMIT 1"


class AuthLog(Declared):
    """Its columns are the parts of a line."""

    def knows(self, shape: Shape, sample: Sample) -> bool:
        return matching(LINE, sample) and SIGN.search(sample.text) is not None

    def table(self, path: Path, sample: Sample, bench: Workbench) -> Table:
        text = plain_text(path, sample, bench.folder, bench.check, bench.most_bytes)
        parts = ", ".join(f"nullif(line['{name}'], '') AS {name}" for name in PARTS)
        lines = f"""(
  SELECT doc, row_number() OVER () AS n, {parts}
  FROM (SELECT doc, regexp_extract(doc, {literal(LINE)}, [{", ".join(map(literal, PARTS))}]) AS line
    FROM {lines_of(text.path)}))"""
        new_years = [n for (n,) in bench.connection.execute(NEW_YEARS.format(lines=lines)).fetchall()]
        last = bench.connection.execute(LAST.format(lines=lines)).fetchone()
        year = _year(path, *last) if last else 0
        years = [f"WHEN n < {n} THEN {year - len(new_years) + place}" for place, n in enumerate(new_years)]
        of_line = f"CASE {' '.join(years)} ELSE {year} END" if years else str(year)
        at = f"printf('%04d-%02d-%02d %s', {of_line}, {MONTH}, {DAY}, right(moment, 8))"
        table = DelimitedTable(
            f"(SELECT * REPLACE (coalesce(time, {at}) AS time) FROM {lines})",
            tuple(Column(name, name) for name in PARTS if name != "moment"),
            "doc",
            ("doc", *PARTS),
            broken="CASE WHEN message IS NULL AND computer IS NULL THEN 'not a line of syslog' END",
            blank="doc IS NULL OR trim(doc) = ''",
            notes=text.notes,
            lines=text.lines if bench.most_bytes is None else None,
        )
        said = (
            f"Its lines have no year; the last of them were read as of {year}, the latest in which they are not after "
            "the file's own time."
        )
        return self.over(replace(table, notes=(*table.notes, said)) if last else table, Shape(None, frozenset(PARTS)))


def _year(path: Path, month: int, day: int) -> int:
    """The latest year in which that day is no more than one day after the file's own time."""
    written = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC) + dt.timedelta(days=1)
    return written.year - ((month, day) > (written.month, written.day))


def _part(pattern: str, group: int, of: str = "`message`") -> str:
    return f"nullif(regexp_extract({of}, {literal(pattern)}, {group}), '')"


NAME = f"""CASE WHEN `program` = 'sudo' THEN CASE WHEN {_part(SUDO, 2)} IS NOT NULL THEN 'sudo' END
  WHEN `program` <> 'sshd' THEN NULL
  WHEN {_part(TRIED, 2)} = 'Accepted' THEN 'login' WHEN {_part(TRIED, 2)} = 'Failed' THEN 'login_failed'
  WHEN regexp_matches(`message`, {literal(UNKNOWN)}) THEN 'invalid_user'
  WHEN regexp_matches(`message`, {literal(LEFT)}) THEN 'logout' END"""
ADDRESS = f"coalesce({_part(TRIED, 5)}, {_part(UNKNOWN, 2)})"
READER = AuthLog(
    name="auth-log",
    product="syslog",
    called="a computer's log of who signed in",
    signatures=(),
    in_utc=False,
    made={
        "told": f"""CAST(json_merge_patch('{{}}', json_object(
          'account', coalesce({_part(TRIED, 4)}, {_part(UNKNOWN, 1)}), 'method', {_part(TRIED, 3)},
          'repeated', try_cast({_part(TRIED, 1)} AS INTEGER), 'command', {_part(SUDO, 2)})) AS VARCHAR)"""
    },
    opened=("told",),
    fields={
        "timestamp": "time",
        "event": NAME,
        "user_id": f"""CASE WHEN `program` = 'sudo' THEN {_part(SUDO, 1)}
          WHEN {_part(TRIED, 2)} = 'Accepted' THEN {_part(TRIED, 4)} ELSE {_part(LEFT, 1)} END""",
        "anonymous_id": addresses.HASHED.format(ADDRESS),
        "ip": ADDRESS,
    },
    kept=("program",),
    passed=(("other messages of the system", f"({NAME}) IS NULL"),),
)
