"""What to bring in: files, what their columns mean, and how their times and sessions are to be read."""

import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from analytics import ingest, places, words
from analytics.errors import AnalyticsError
from analytics.ingest import Options, Preview, sources
from analytics.ingest.fields import BY_NAME
from analytics.ingest.preview import SUGGESTIONS
from analytics.ingest.rules import Redacted
from analytics.store import DuckStore, holder
from analytics.vocabulary import CANONICAL_EVENTS
from pages.data import redacting
from pages.data.naming import LABELS, why
from pages.data.upload import drop
from pages.data.upload.disk import Upload, uploads
from pages.shared import escape, explain, palette, store
from pages.shared.text import spoken

PROPERTY = "Keep as a property"
KEEP = "As it is"
TIMEOUTS = {"10 minutes": 600, "30 minutes": 1800, "1 hour": 3600, "2 hours": 7200}
MOST_FILES = 500  # listed of the folders of this machine
MOST_COLUMNS = 400  # shown of one file
MOST_MEMBERS = 500  # listed of one archive
MOST_WIDE = 560  # px, of the names of a file's columns


@dataclass(frozen=True)
class Target:
    """Where the files go: `path` is None for the store in use. `zone` is None in a store that holds nothing yet.

    `redact` is its setting of that name.
    """

    path: Path | None
    zone: str | None
    redact: str | None = None


def is_sample() -> bool:
    """Whether the store in use is the sample shop's."""
    here = store().path
    return here is not None and here.resolve() == places.demo_store().resolve()


def target() -> Target:
    """Invented data never mixes with real: from the sample's store one goes on to a store of one's own."""
    if not is_sample():
        return Target(None, store().setting("reporting_zone"), store().setting("redact"))
    path = places.own_store()
    if not path.exists():
        return Target(path, None)
    there = holder.opened(path)
    if there is not None:
        return Target(path, there.setting("reporting_zone"), there.setting("redact"))
    opened = DuckStore.open(path)
    try:
        return Target(path, opened.setting("reporting_zone"), opened.setting("redact"))
    finally:
        opened.close()


def files() -> tuple[list[Path], list[Upload]]:
    """Draws the ways to name files; those named that are here whole, and all that were dropped."""
    turn = st.session_state.setdefault("files-turn", 0)
    dropped = drop.draw("CSV, JSON, JSON lines or Parquet, packed or not, or an export of another tool")
    paths = [upload.path for upload in dropped if upload.is_whole]
    offered = offered_files()
    if offered:
        picked = st.multiselect(
            "Or files of this machine",
            list(offered),
            key=f"offered-{turn}",
            placeholder="Choose files",
        )
        paths += [offered[name] for name in picked]
    return paths, dropped


def forget_files() -> None:
    """For callbacks and after an import: the next one begins with no files."""
    st.session_state["files-turn"] = st.session_state.get("files-turn", 0) + 1
    uploads.clear(uploads.files(drop.ticket()))


def offered_files() -> dict[str, Path]:
    """The files of the folders that the app was started with, by a name that tells them apart."""
    found: dict[str, Path] = {}
    for folder in places.offered():
        try:
            inside = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
        except OSError:
            continue
        for path in inside:
            if path.resolve().is_relative_to(folder) and not any(part.endswith(".spool") for part in path.parts):
                found[f"{folder.name}/{path.relative_to(folder).as_posix()}"] = path
            if len(found) >= MOST_FILES:
                return found
    return found


def look(path: Path, options: Options) -> Preview:
    """A preview, remembered as long as the file and the options are the same."""
    stat = path.stat()
    wanted = (str(path), stat.st_size, stat.st_mtime_ns, repr(options))
    seen: dict[Any, Preview] = st.session_state.setdefault("previews", {})
    if wanted not in seen:
        with st.spinner(f"Looking at {escape(path.name, 60)}"):
            found = ingest.preview(path, options)
        if len(seen) > 20:
            seen.clear()
        seen[wanted] = found
    return seen[wanted]


def inside(path: Path) -> None:
    """What lies in an archive, as far as an import would read it; nothing for any other file."""
    stat = path.stat()
    wanted = (str(path), stat.st_size, stat.st_mtime_ns)
    seen: dict[Any, tuple[sources.Member, ...]] = st.session_state.setdefault("archives", {})
    if wanted not in seen:
        try:
            seen[wanted] = sources.members(path, MOST_MEMBERS + 1)
        except AnalyticsError as error:
            explain(error)
    files = seen[wanted]
    if not files:
        return
    more = len(files) > MOST_MEMBERS
    number = f"more than {words.many(MOST_MEMBERS, 'file')}" if more else words.many(len(files), "file")
    with st.expander(f"{escape(path.name, 80)} holds {number}"):
        names = [one.name.removeprefix(f"{path.name}/") for one in files]
        table = pd.DataFrame({"File": names, "Size": [words.size(one.bytes) for one in files]})
        st.dataframe(
            table,
            hide_index=True,
            row_height=30,
            height=32 + 30 * min(len(table), 10),
            alt="What lies in the archive",
            column_config={"Size": st.column_config.TextColumn(width=100, alignment="right")},
        )
    if len(files) > 1:
        st.caption("What follows is how the first of them is read. Each file is read by what it holds.")


def mapping(path: Path, plain: Preview) -> dict[str, str]:
    """Draws what the columns mean, to be changed, and returns what differs from how they were recognised."""
    if not plain.columns:
        return {}
    labels = {name: label for name, label in LABELS.items() if name in BY_NAME}
    columns = plain.columns[:MOST_COLUMNS]
    table = pd.DataFrame(
        {
            "Column in the file": [column.name for column in columns],
            "Means": [labels.get(column.field or "", PROPERTY) for column in columns],
            "For example": ["   ·   ".join(_short(text) for text in column.examples) for column in columns],
            "Filled": [100 * column.filled for column in columns],
            "That is": [BY_NAME[column.field].meaning if column.field else "" for column in columns],
        }
    )
    longest = max(len(column.name) for column in columns)
    room = min(max(165, 24 + 7 * longest), MOST_WIDE)  # px: a name is never cut before it takes half of the table
    edited = st.data_editor(
        table,
        key=f"mapping-{path}",
        hide_index=True,
        row_height=30,
        height=32 + 30 * min(len(table), 14),
        disabled=[name for name in table if name != "Means"],
        num_rows="fixed",
        alt="The file's columns and what each means",
        column_config={
            "Column in the file": st.column_config.TextColumn(width=room),
            "Means": st.column_config.SelectboxColumn(options=[*labels.values(), PROPERTY], required=True, width=155),
            "For example": st.column_config.TextColumn(width=max(180, 495 - room)),
            "Filled": st.column_config.ProgressColumn(
                format="%.0f %%", min_value=0, max_value=100, width=110, color=palette().series[0]
            ),
        },
    )
    fields = {label: name for name, label in labels.items()}
    wanted = {
        str(column): fields.get(str(means))
        for column, means in zip(edited["Column in the file"], edited["Means"], strict=True)
    }
    return differing(plain, wanted)


def differing(plain: Preview, wanted: Mapping[str, str | None]) -> dict[str, str]:
    """Column -> field, as field -> column, where it is not what was recognised; raises `ValueError` for two of one."""
    usual = {column.name: column.field for column in plain.columns}
    by_field: dict[str, str] = {}
    for column, field in wanted.items():
        if field and field != usual.get(column):
            if field in by_field:
                raise ValueError(f"{LABELS[field]} can be one column only, not both {by_field[field]} and {column}.")
            by_field[field] = column
    for column, field in usual.items():
        if field and column in wanted and wanted[column] != field and field not in by_field:
            by_field[field] = ""
    for column, field in wanted.items():
        if field and field == usual.get(column) and field in by_field:
            raise ValueError(f"{LABELS[field]} can be one column only, not both {column} and {by_field[field]}.")
    return by_field


def first_rows(preview: Preview) -> None:
    """The first rows as events, as the columns are read now."""
    if not preview.rows:
        return
    names = [name for name in [*BY_NAME, "reason"] if any(name in row for row in preview.rows)]
    label = LABELS | {"reason": "Refused, because"}
    rows = [row | ({"reason": why(row["reason"])} if "reason" in row else {}) for row in preview.rows]
    table = pd.DataFrame({label[name]: [_short(row.get(name, ""), 200) for row in rows] for name in names})
    st.dataframe(table, hide_index=True, row_height=30, height=32 + 30 * len(table), alt="The first rows as events")


def renames(plain: Preview) -> dict[str, str]:
    """Draws the events' names, to be changed into ours, and returns the changed ones."""
    own = [(name, rows) for name, rows in plain.names if name not in CANONICAL_EVENTS]
    likely = {name: SUGGESTIONS[name.lower()] for name, _ in own if name.lower() in SUGGESTIONS}
    if not own:
        return {}
    title = "What the events are called"
    if likely:
        title += f": {words.many(len(likely), 'name')} of another tool recognised"
    with st.expander(title, expanded=bool(likely)):
        table = pd.DataFrame(
            {
                "Event": [name for name, _ in own],
                "In the first rows": [rows for _, rows in own],
                "Count it as": [spoken(likely[name]) if name in likely else KEEP for name, _ in own],
            }
        )
        options = {spoken(name): name for name in CANONICAL_EVENTS}
        edited = st.data_editor(
            table,
            key=f"renames-{plain.file}-{len(own)}",
            hide_index=True,
            row_height=30,
            height=32 + 30 * min(len(table), 10),
            disabled=["Event", "In the first rows"],
            num_rows="fixed",
            column_config={
                "Event": st.column_config.TextColumn(width=260),
                "In the first rows": st.column_config.NumberColumn(format="%,d", width=120),
                "Count it as": st.column_config.SelectboxColumn(options=[KEEP, *options], required=True, width=170),
            },
        )
    return {
        str(name): options[str(means)]
        for name, means in zip(edited["Event"], edited["Count it as"], strict=True)
        if str(means) in options
    }


def options(into: Target, private: tuple[Redacted, ...] = ()) -> Options:
    """Draws how times and sessions are read, and what is taken out; `private` as `redacting.choose` takes it.

    A store that holds something has settled its zone and its pause.
    """
    mine = st.context.timezone if st.context.timezone in zones() else "UTC"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        written = st.selectbox(
            "Times without a zone are in",
            zones(),
            zones().index("UTC"),
            key="import-timezone",
            help="Only for times that do not say it themselves.",
            width=230,
        )
        reporting, timeout = None, None
        if into.zone is None:
            reporting = st.selectbox(
                "Days begin at midnight in",
                zones(),
                zones().index(mine),
                key="import-reporting",
                help="Where days, weeks and hours are cut, for all that this store will hold.",
                width=230,
            )
            timeout = st.selectbox(
                "A session ends after",
                list(TIMEOUTS),
                1,
                key="import-timeout",
                format_func=lambda text: f"{text} without an event",
                help="For events that carry no session of their own.",
                width=250,
            )
    redact = redacting.choose(into.redact, private)
    with st.expander("More"):
        source = st.text_input(
            "Where they come from",
            key="import-source",
            placeholder="web shop, app, ...",
            help="An event's own id counts once within it. Empty: the file's format.",
        ).strip()
        exact = st.checkbox(
            "Count rows that are equal in every field once",
            key="import-exact",
            help="For files without ids of events that hold rows twice.",
        )
        skip = st.checkbox("Leave out files that cannot be read, instead of stopping", key="import-skip")
    return Options(
        timezone=written,
        reporting_zone=reporting,
        session_timeout_s=TIMEOUTS[timeout] if timeout else None,
        source=source or None,
        dedupe="exact" if exact else "none",
        skip_unreadable=skip,
        redact=redact,
    )


@st.cache_data(show_spinner=False)
def zones() -> list[str]:
    """The names of time zones, UTC first."""
    names = {name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith(("Etc/", "posix/"))}
    return ["UTC", *sorted(names)]


def lacking(preview: Preview) -> str:
    """What no event can be made without, as a sentence; empty when all is there."""
    what = {
        "timestamp": "when it happened (Time)",
        "event": "what happened (Event)",
        "user_id": "who did it (a person, a browser or a session)",
    }
    if not preview.missing:
        return ""
    return f"No column says {words.listed([what[name] for name in preview.missing], 'or')}. Choose it in the table."


def warnings(preview: Preview) -> list[str]:
    """What was not certain, without the hints for the command line."""
    return [text for text in preview.warnings if " --" not in text and "'--" not in text]


def decided(options: Options, mapped: Mapping[str, str], renamed: Mapping[str, str]) -> Options:
    """All decisions together."""
    return replace(options, mapping=dict(mapped), renames=dict(renamed))


def _short(text: str, most: int = 40) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
