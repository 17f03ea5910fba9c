"""What did a load do? The figures of every file, how its fields and times were read, and the first rows refused."""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from analytics import words
from analytics.ingest.options import Options
from analytics.ingest.rules import Redacted
from analytics.ingest.staging import FoundField, Staged

SHOWN_REJECTS = 20


@dataclass(frozen=True)
class CameBefore:
    """The import whose very bytes a file has."""

    import_id: int
    file: str
    started: dt.datetime  # UTC


@dataclass(frozen=True)
class FileReport:
    """One file. `rows_read` = `events_added` + `duplicates` + `rejected` + `not_events`; times are UTC."""

    import_id: int
    file: str
    format: str
    rows_read: int
    events_added: int
    duplicates: int
    rejected: int
    not_events: int
    sessions: int
    users: int
    seconds: float
    source: str
    came_before: CameBefore | None
    first_event: dt.datetime | None
    last_event: dt.datetime | None
    fields: tuple[FoundField, ...]
    other_columns: tuple[str, ...]
    times: str
    notes: tuple[str, ...]
    redacted: tuple[Redacted, ...]


@dataclass(frozen=True)
class Reject:
    """A refused row: `line` counts the file's rows from 1, a header line included; `row` is as it came."""

    file: str
    line: int
    reason: str
    row: str


@dataclass(frozen=True)
class Skipped:
    """A file that could not be read and was left out, and why."""

    file: str
    reason: str


@dataclass(frozen=True)
class Report:
    """One load; `rejects` are the first `SHOWN_REJECTS`, the store has them all. `reasons` counts them, most first."""

    load_id: int
    imports: tuple[FileReport, ...]
    rejects: tuple[Reject, ...]
    reasons: tuple[tuple[str, int], ...]
    skipped: tuple[Skipped, ...]
    reporting_zone: str
    seconds: float

    @property
    def events_added(self) -> int:
        return sum(file.events_added for file in self.imports)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The imports of this load, as a scope names them."""
        return tuple(file.import_id for file in self.imports)

    def text(self) -> str:
        """The report for a terminal: one line per file, then what was refused and why."""
        lines = [line for file in self.imports for line in _lines(file)]
        if rejected := sum(file.rejected for file in self.imports):
            lines.append(f"{words.many(rejected, 'row')} refused:")
            lines += [f"  {words.count(rows)} times {reason}" for reason, rows in self.reasons]
            first = self.rejects[0]
            lines.append(f"  the first is line {first.line} of {first.file}: {first.row[:200]}")
        lines += [f"{file.file} was left out: {file.reason}" for file in self.skipped]
        return "\n".join(lines)

    def to_json(self) -> dict[str, object]:
        """The document of `import --json`: per file the ten figures of the contract, and behind them how it was read."""  # noqa: E501
        return {
            "imports": [_contract(file) for file in self.imports],
            "rejects": [asdict(reject) for reject in self.rejects],
            "skipped": [asdict(skipped) for skipped in self.skipped],
        }


def _lines(file: FileReport) -> Iterator[str]:
    counted = [
        words.many(file.events_added, "event") + " added",
        words.many(file.duplicates, "duplicate") if file.duplicates else "",
        f"{words.count(file.rejected)} refused" if file.rejected else "",
        f"{words.count(file.not_events)} that are no events" if file.not_events else "",
    ]
    yield (
        f"{file.file}: {', '.join(filter(None, counted))}; {words.many(file.sessions, 'session')} of "
        f"{words.many(file.users, 'person', 'people')} in {words.duration(file.seconds)}."
    )
    yield from (f"  {note}" for note in file.notes)


def _contract(file: FileReport) -> dict[str, object]:
    before = file.came_before
    return {
        "file": file.file,
        "format": file.format,
        "rows_read": file.rows_read,
        "events_added": file.events_added,
        "duplicates": file.duplicates,
        "rejected": file.rejected,
        "not_events": file.not_events,
        "sessions": file.sessions,
        "users": file.users,
        "seconds": round(file.seconds, 3),
        "details": {
            "import_id": file.import_id,
            "source": file.source,
            "came_before": before
            and {"import_id": before.import_id, "file": before.file, "at": before.started.isoformat() + "Z"},
            "first_event": file.first_event and file.first_event.isoformat() + "Z",
            "last_event": file.last_event and file.last_event.isoformat() + "Z",
            "fields": [asdict(found) for found in file.fields],
            "other_columns": list(file.other_columns),
            "times": file.times,
            "notes": list(file.notes),
            "redacted": [asdict(one) for one in file.redacted],
        },
    }


def details(staged: Staged, notes: Sequence[str], options: Options) -> str:
    """What `imports.details` keeps: how the file was read, and what it takes to read its rows again."""
    given = {
        "mapping": dict(options.mapping),
        "constants": dict(options.constants),
        "renames": dict(options.renames),
        "timezone": options.timezone,
        "dedupe": options.dedupe,
    }
    mends = {str(number): list(lines) for number, lines in options.mends.items()}
    return json.dumps(
        {
            "fields": [asdict(found) for found in staged.fields],
            "other_columns": list(staged.others),
            "times": staged.times,
            "notes": list(notes),
            "redacted": [asdict(one) for one in staged.read.redacted],
            "options": given,
            "header": staged.header,
            **({"mends": mends} if mends else {}),
        },
        ensure_ascii=False,
    )
