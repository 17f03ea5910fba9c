"""Can a Parquet file be read where it is copied to, without rewriting it? It saves a quarter of the whole import.

It can when its columns have the right types and no row needs a decision: `doubts` counts those that would.
"""

from collections.abc import Sequence

from analytics.ingest import times, urls
from analytics.ingest.canonical import LONGEST_TEXT, NUMBERS, NUMERIC, TAG, is_missing, is_object, number
from analytics.ingest.fields import BY_NAME, FIELDS, PERCENT_NAMES, SOMEBODY, Field, plain
from analytics.ingest.mapping import Found
from analytics.ingest.options import Options
from analytics.ingest.readers.base import Column, Table, identifier, literal
from analytics.ingest.redaction import Redaction


def expressions(table: Table, found: Found, options: Options) -> dict[str, str] | None:
    """Field -> expression over the file, bare columns where a filter is to reach it; None when it must be rewritten."""
    if table.whole is None or options.renames or options.timezone != "UTC":
        return None
    out = {field.name: f"CAST(NULL AS {field.type})" for field in FIELDS}
    for name, source in found.sources.items():
        field = BY_NAME[name]
        if source.constant is not None and field.kind == "text":
            out[name] = f"nullif({literal(source.constant)}, '')"
        elif len(source.parts) == 1 and not source.parts[0].unit and (sql := _bare(field, source.parts[0].column)):
            out[name] = sql
        else:
            return None
    if rest := table.rest(found.used(), by_name=True):
        merged = f"json_merge_patch({', '.join(rest)}, coalesce({out['properties']}, '{{}}'))"
        out["properties"] = f"nullif(CAST({merged} AS VARCHAR), '{{}}')"
    has_element = "element" in found.sources
    given = out["element_tag"]
    out["element_tag"] = TAG.format(given=given, element=out["element"]) if has_element else f"lower({given})"
    return out


def doubts(table: Table, found: Found, redaction: Redaction) -> str:
    """The statement over such a file that counts the rows which `canonical.rows` would read otherwise, and all rows,
    tells whether scroll_depth goes beyond 1, and counts the values in which a rule of redaction may find something."""
    column = columns(found)
    tests = [is_missing(column[name]) for name in ("event_id", *SOMEBODY) if name in column]
    if "timestamp" in column:
        tests.append(f"({times.plausible(column['timestamp'])}) IS NULL")
    if "event" in column:
        tests.append(f"coalesce({column['event']}, '') = ''")
    tests.append(" AND ".join(["true", *(f"{column[name]} IS NULL" for name in SOMEBODY if name in column)]))
    if "page" in column:
        tests.append(urls.is_url(column["page"]))
    tests += [f"NOT {is_object(column[name])}" for name in ("properties", "user_properties") if name in column]
    for name, sql in column.items():
        field = BY_NAME[name]
        if field.kind in NUMERIC:
            tests.append(f"{sql} IS NOT NULL AND {number(field, sql)} IS NULL")
        elif field.type == "VARCHAR":
            tests.append(f"strlen({sql}) > {LONGEST_TEXT}")
    doubtful = _sum(tests)
    deepest = f"max(try_cast({column['scroll_depth']} AS DOUBLE))" if "scroll_depth" in column else "NULL"
    private = [redaction.may_have(field, column[field.name]) for field in redaction.fields(column)]
    private += redaction.in_others(_others(table, found))
    return f"SELECT {doubtful}, count(*), coalesce({deepest} > 1, false), {_sum(private)} FROM read_parquet($file)"


def private_others(table: Table, found: Found, redaction: Redaction) -> str:
    """The statement over such a file that counts the values which a rule of redaction may change in columns that
    are no fields."""
    return f"SELECT {_sum(redaction.in_others(_others(table, found)))} FROM read_parquet($file)"


def columns(found: Found) -> dict[str, str]:
    """Field -> its column in such a file, quoted."""
    return {name: identifier(source.parts[0].column.name) for name, source in found.sources.items() if source.parts}


def _others(table: Table, found: Found) -> list[Column]:
    used = set(found.used())
    return [column for column in table.columns if column.name not in used]


def _sum(tests: Sequence[str]) -> str:
    return " + ".join(f"count(CASE WHEN {test} THEN 1 END)" for test in tests) or "0"


def _bare(field: Field, column: Column) -> str | None:
    name = identifier(column.name)
    if field.kind == "time":
        return name if column.type == "TIMESTAMP" else None
    if field.kind in NUMERIC:
        if column.type not in NUMBERS or (field.kind == "share" and plain(column.name) in PERCENT_NAMES):
            return None
        return name if column.type == field.type else number(field, name)
    if field.kind == "flag":
        return name if column.type == "BOOLEAN" else None
    if column.type != "VARCHAR":
        return None
    return name if field.kind == "id" else f"nullif({name}, '')"
