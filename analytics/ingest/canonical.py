"""What does a foreign row say as an event? SQL from the columns of any table to one set of columns, or to a reason.

Numbers of pixels are floored. A page that is an http address becomes its path (`urls`). Columns that are no field go
into `properties`. Words that stand for a missing id (`MISSING`) are none. Foreign names and texts enter the statements
only as quoted identifiers and literals (`readers.base`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analytics.ingest import addresses, times, urls
from analytics.ingest.fields import BY_NAME, CONTEXT, FIELDS, PERCENT_NAMES, SOMEBODY, Field, plain
from analytics.ingest.mapping import UNITS_US, Found, Source
from analytics.ingest.readers import base
from analytics.ingest.readers.base import FLOATS, Table, literal

text = base.text
MISSING = (
    "",
    "NA",
    "N/A",
    "NaN",
    "nan",
    "NULL",
    "null",
    "Null",
    "None",
    "none",
    "\\N",
    "undefined",
    "(null)",
    "<null>",
    "-",
)
"""What exports write for a missing id, number or time; an id of that name would join strangers."""
MISSING_PATTERN = literal("|".join(re.escape(word) for word in MISSING))
LONGEST_WORD = max(map(len, MISSING))
LONGEST_TEXT = 1_000_000
LONGEST_RAW = 100_000
NUMERIC = ("pixels", "number", "share")  # kinds of fields
READ = (*NUMERIC, "flag")  # kinds that a text may fail to be
NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", *FLOATS)

TAG = "coalesce(lower({given}), nullif(lower(regexp_extract({element}, '^[A-Za-z]+')), ''))"
USER_KEY = "CAST(hash({0}, 'user') >> 1 AS BIGINT)"
ANONYMOUS_KEY = "CAST(hash({0}, 'anonymous') >> 1 AS BIGINT)"
SESSION_PERSON_KEY = "CAST(hash({0}, 'session') >> 1 AS BIGINT)"
CONTEXT_HASH = f"CAST(hash({', '.join(CONTEXT)}) >> 1 AS BIGINT)"
EVENT_UUID = """CASE WHEN length(event_id) = 36 AND event_id = lower(event_id) THEN try_cast(event_id AS UUID) END"""
KEYS = f"""CASE
    WHEN event_uuid IS NOT NULL OR event_id IS NULL THEN event_uuid ELSE CAST(md5(event_id) AS UUID) END AS id,
  CASE WHEN event_uuid IS NULL THEN event_id END AS id_text,
  CASE WHEN user_id IS NOT NULL THEN {USER_KEY.format("user_id")} END AS user_id_key,
  CASE WHEN anonymous_id IS NOT NULL THEN {ANONYMOUS_KEY.format("anonymous_id")} END AS anonymous_key,
  {CONTEXT_HASH} AS context_hash"""
"""63-bit keys of ids and contexts, so that nothing is joined to find them; 128 bits for an event's id. Over rows that
have `EVENT_UUID` as `event_uuid`."""

RAW_ADDRESS = r"([0-9]{1,3}[.]){3}[0-9]{1,3}|([0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F:]{1,30}"
ADDRESS = addresses.HASHED


@dataclass(frozen=True)
class Canonical:
    """`select` yields one row per foreign row: the canonical columns, their keys, `way` (how its time was written;
    below 0: the place in `Table.passed` of what it is), `worded` (an id was a word of `MISSING`), `reason` (NULL: it
    is an event) and, with a reason, `raw`."""

    select: str
    values: Mapping[str, object]


def rows(table: Table, found: Found, renames: Mapping[str, str]) -> Canonical:
    """The statement over `table`. It names `$inner` and `$outer` when an address is among the fields."""
    sources = found.sources
    rest = table.rest(found.used())
    given = [*table.inputs, f"{table.broken} AS broken", f"{table.blank} AS blank"]
    given += [f"{sql} AS rest_{place}" for place, sql in enumerate(rest)]
    given.append(f"{_passed(table)} AS passed")
    for source in sources.values():
        given += _given(source, renames)
    parsed = [f"{_time(sources.get('timestamp'))} AS time_read"]
    if "page" in sources:
        parsed.append(f"{urls.parts('in_page')} AS url")
    fields = {field.name: _typed(field, sources) for field in FIELDS}
    fields["properties"] = _properties("properties" in sources, len(rest), "page" in sources)
    typed = [f"{sql} AS {name}" for name, sql in fields.items()]
    typed.append(f"coalesce(-passed, {_way(sources.get('timestamp'))}) AS way")
    worded = " OR ".join(f"coalesce(was_{name}, false)" for name in ("event_id", *SOMEBODY) if name in sources)
    typed.append(f"{worded or 'false'} AS worded")
    shown = f"left({table.raw}, {LONGEST_RAW})"
    if "ip" in sources:
        hidden = f"replace({shown}, in_ip, {ADDRESS.format('in_ip')})"
        shown = f"CASE WHEN in_ip IS NOT NULL THEN {hidden} ELSE {without_addresses(shown)} END"
    out = [field.name for field in FIELDS if field.name != "event_id"]
    statement = f"""
SELECT {", ".join(out)}, {KEYS}, way, worded, reason, CASE WHEN reason <> '' THEN {shown} END AS raw
FROM (
  SELECT *, {_reason(sources)} AS reason, {EVENT_UUID} AS event_uuid
  FROM (
    SELECT {", ".join(typed)}, broken, blank, passed, {", ".join([*table.inputs, *(f"in_{name}" for name in sources)])}
    FROM (
      SELECT *, {", ".join(parsed)}
      FROM (SELECT {", ".join(given)} FROM {table.relation}))))"""
    return Canonical(statement, dict(table.values))


def without_addresses(raw: str) -> str:
    """A row whose columns cannot be told, without anything that looks like a network address."""
    return f"regexp_replace({raw}, {literal(RAW_ADDRESS)}, '[address]', 'g')"


def without_missing(sql: str) -> str:
    return f"CASE WHEN {is_missing(sql)} THEN NULL ELSE {sql} END"


def is_missing(sql: str) -> str:
    """Whether a text is a word of `MISSING`. Not by IN, of which the engine makes a join for every row."""
    return f"CASE WHEN strlen({sql}) <= {LONGEST_WORD} THEN regexp_full_match({sql}, {MISSING_PATTERN}) ELSE false END"


def number(field: Field, sql: str) -> str:
    """A number of the field's type, NULL when it is none or does not fit; pixels are floored."""
    if field.kind == "pixels":
        return f"try_cast(floor(try_cast({sql} AS DOUBLE)) AS INTEGER)"
    return f"CASE WHEN isfinite(try_cast({sql} AS DOUBLE)) THEN try_cast({sql} AS DOUBLE) END"


def is_object(sql: str) -> str:
    """Whether a text is a JSON object."""
    return f"(starts_with(ltrim({sql}), '{{') AND json_valid({sql}))"


def _given(source: Source, renames: Mapping[str, str]) -> list[str]:
    """What stands in a row for a field, without what means missing: `in_FIELD`; and `was_FIELD`: it was a word for it."""  # noqa: E501
    field, name = BY_NAME[source.field], f"in_{source.field}"
    if source.constant is not None:
        return [f"nullif({literal(source.constant)}, '') AS {name}", f"false AS was_{source.field}"]
    columns = [part.column for part in source.parts]
    texts = [text(column) for column in columns]
    if field.kind == "time":
        if _is_typed(source):
            return [f"{columns[0].sql} AS {name}"]
        return [
            f"{without_missing(sql)} AS {name}{'' if place == 1 else f'_{place}'}" for place, sql in enumerate(texts, 1)
        ]
    if field.kind == "id":
        was = f"{texts[0]} <> '' AND {is_missing(texts[0])} AS was_{source.field}"
        return [f"{' || chr(32) || '.join(without_missing(sql) for sql in texts)} AS {name}", was]
    if field.kind in NUMERIC and _is_number(source):
        sql = columns[0].sql
        return [
            f"CASE WHEN isfinite({sql}) THEN {sql} END AS {name}" if columns[0].type in FLOATS else f"{sql} AS {name}"
        ]
    if field.kind in NUMERIC:
        numbers = [without_missing(sql) for sql in texts]
        added = " + ".join(f"try_cast({sql} AS DOUBLE)" for sql in numbers)
        return [f"{numbers[0] if len(numbers) == 1 else f'CAST({added} AS VARCHAR)'} AS {name}"]
    joined = texts[0] if len(texts) == 1 else f"concat_ws(' ', {', '.join(texts)})"
    if source.field == "event" and renames:
        cases = " ".join(f"WHEN {literal(old)} THEN {literal(new)}" for old, new in renames.items())
        joined = f"CASE {joined} {cases} ELSE {joined} END"
    return [f"nullif({joined}, '') AS {name}"]


def _typed(field: Field, sources: Mapping[str, Source]) -> str:
    given = f"in_{field.name}"
    if field.name == "timestamp":
        return times.plausible("time_read")
    if field.name == "element_tag":
        tag = given if "element_tag" in sources else "CAST(NULL AS VARCHAR)"
        return TAG.format(given=tag, element="in_element") if "element" in sources else f"lower({tag})"
    if field.name == "campaign" and "page" in sources:
        return f"coalesce({given}, {urls.CAMPAIGN})" if "campaign" in sources else urls.CAMPAIGN
    if field.name not in sources:
        return f"CAST(NULL AS {field.type})"
    if field.kind == "page":
        return f"CASE WHEN url IS NULL THEN {given} ELSE {urls.PAGE} END"
    if field.kind == "share":
        return _share(field, given, sources[field.name])
    if field.kind in NUMERIC:
        return number(field, given)
    if field.kind == "flag":
        return f"try_cast({given} AS BOOLEAN)"
    if field.kind == "object":
        as_text = f"CAST(json_object('{field.name}', {given}) AS VARCHAR)"
        return f"CASE WHEN {given} IS NULL THEN NULL WHEN {is_object(given)} THEN {given} ELSE {as_text} END"
    return given


def _share(field: Field, given: str, source: Source) -> str:
    """`45%` is 0.45; a column whose name says percent is divided too. What is above 1 is settled per file (`staging`)."""  # noqa: E501
    is_percent = bool(source.parts) and plain(source.parts[0].column.name) in PERCENT_NAMES
    if _is_number(source):
        return f"{number(field, given)}{' / 100' if is_percent else ''}"
    if is_percent:
        return f"{number(field, f'replace({given}, chr(37), chr(32))')} / 100"
    percent = number(field, f"replace({given}, chr(37), chr(32))")
    return f"CASE WHEN contains({given}, chr(37)) THEN {percent} / 100 ELSE {number(field, given)} END"


def _properties(has_own: bool, rests: int, has_page: bool) -> str:
    own = _typed(BY_NAME["properties"], {"properties": Source("properties")}) if has_own else None
    layers = []
    if has_page:
        address = f"json_object('host', {urls.HOST}, 'url', {urls.redacted('in_page')})"
        layers.append(f"CASE WHEN url IS NULL THEN '{{}}' ELSE json_merge_patch('{{}}', {address}) END")
    layers += [f"coalesce(rest_{place}, '{{}}')" for place in range(rests)]
    layers += [f"coalesce({own}, '{{}}')"] if own else []
    if not layers:
        return "CAST(NULL AS VARCHAR)"
    if has_own and not rests:  # the usual case is worth a short way: most pages are no addresses
        return f"CASE WHEN url IS NULL THEN {own} ELSE {_merged(layers)} END" if has_page else str(own)
    return _merged(layers)


def _merged(layers: Sequence[str]) -> str:
    """JSON objects as one text, the later ones winning; NULL when nothing is in them."""
    merged = layers[0] if len(layers) == 1 else f"json_merge_patch('{{}}', {', '.join(layers)})"
    return f"nullif(CAST({merged} AS VARCHAR), '{{}}')"


def _passed(table: Table) -> str:
    """Which of the table's rows that are no events this one is, from 1; NULL for the others."""
    cases = " ".join(f"WHEN {sql} THEN {place}" for place, (_, sql) in enumerate(table.passed, 1))
    return f"CASE {cases} END" if cases else "CAST(NULL AS INTEGER)"


def _reason(sources: Mapping[str, Source]) -> str:
    """Why a row is no event; '' for a blank line, which is no row either, and for a row that is passed over."""
    cases = ["WHEN blank THEN ''", "WHEN broken IS NOT NULL THEN broken", "WHEN passed IS NOT NULL THEN ''"]
    if "timestamp" in sources:
        cases.append("WHEN in_timestamp IS NULL THEN 'no time'")
        why = (
            "'unreadable timestamp'"
            if _is_typed(sources["timestamp"]) or _is_sum(sources["timestamp"])
            else times.why_not("in_timestamp")
        )
        cases.append(f"WHEN timestamp IS NULL THEN {why}")
    else:
        cases.append("WHEN true THEN 'no time'")
    cases.append("WHEN event IS NULL THEN 'no event name'")
    cases.append(
        "WHEN user_id IS NULL AND anonymous_id IS NULL AND session_id IS NULL THEN 'nobody: no user, anonymous or session id'"  # noqa: E501
    )
    for name in sources:
        field = BY_NAME[name]
        if field.kind in READ:
            cases.append(f"WHEN in_{name} IS NOT NULL AND {name} IS NULL THEN 'unreadable {name}'")
        elif field.type == "VARCHAR":
            cases.append(f"WHEN strlen({name}) > {LONGEST_TEXT} THEN '{name} is longer than 1 MB'")
    return f"CASE {' '.join(cases)} END"


def _is_typed(source: Source) -> bool:
    return len(source.parts) == 1 and source.parts[0].column.type.startswith(("TIMESTAMP", "DATE"))


def _is_number(source: Source) -> bool:
    return len(source.parts) == 1 and source.parts[0].column.type in NUMBERS


def _is_sum(source: Source) -> bool:
    return len(source.parts) > 1 or any(part.unit for part in source.parts)


def _time(source: Source | None) -> str:
    if source is None:
        return "CAST(NULL AS TIMESTAMP)"
    if _is_typed(source):
        return times.native("in_timestamp", "TIME ZONE" in source.parts[0].column.type)
    if not source.parts:
        return times.read("in_timestamp")
    first, *others = source.parts
    base = times.in_unit("in_timestamp", UNITS_US[first.unit]) if first.unit else times.read("in_timestamp")
    spans = [times.span(f"in_timestamp_{place}", UNITS_US[part.unit or "s"]) for place, part in enumerate(others, 2)]
    return base + "".join(f" + to_microseconds({span})" for span in spans)


def _way(source: Source | None) -> str:
    if source is None:
        return "0"
    if _is_typed(source):
        return str(times.NATIVE_ZONED if "TIME ZONE" in source.parts[0].column.type else times.NATIVE)
    return str(times.SUM) if _is_sum(source) else times.way("in_timestamp")
