"""Which sessions match a pattern and where: by their strings where these decide, else by their events."""

from dataclasses import dataclass
from textwrap import indent

from analytics.conditions import merged
from analytics.patterns.steps import Cte, Found, Tables, matches
from analytics.patterns.strings import Spelling, spelling, string_tests
from analytics.patterns.syntax import Pattern

# What a character of a session's string stands for
PLACES = {
    "event": "SELECT session_key, position AS nth, position, offset_ms AS ms FROM {0.events}",
    "page": "SELECT session_key, position_in_path AS nth, first_position AS position, entered_ms AS ms FROM {0.visits}",
}


@dataclass(frozen=True)
class Membership:
    """`sql` over one row of `sessions` (or of what stands for it), once `ctes` stand in front."""

    sql: str
    ctes: tuple[Cte, ...]
    params: dict[str, object]


def membership(pattern: Pattern, tables: Tables, prefix: str) -> Membership:
    """The cheapest test that is exact."""
    conditions, exact = string_tests(pattern, prefix)
    if exact:
        sql = " AND ".join(condition.sql for condition in conditions) or "true"
        return Membership(sql, (), merged(condition.params for condition in conditions))
    found = matches(pattern, tables, prefix)
    once = Cte(found.name, f"SELECT DISTINCT session_key\nFROM {found.ends}", True)
    sql = f"session_key IN (SELECT session_key FROM {found.name})"
    return Membership(sql, (*found.ctes[:-1], once), found.params)


def first_matches(pattern: Pattern, tables: Tables, prefix: str) -> Found:
    """What `matches` finds, by the cheapest way."""
    spelled = spelling(pattern, prefix)
    return _by_string(pattern, spelled, tables, prefix) if spelled else matches(pattern, tables, prefix)


def _by_string(pattern: Pattern, spelled: Spelling, tables: Tables, prefix: str) -> Found:
    ended = not pattern.steps[-1].choice
    conditions, _ = string_tests(pattern, prefix)
    where = " AND ".join(condition.sql for condition in conditions) or "true"
    params = dict(merged(condition.params for condition in conditions))
    likely = (
        f"SELECT session_key, events, duration_ms, {spelled.text.sql} AS spelled\nFROM {tables.sessions}\nWHERE {where}"
    )
    ends = f"SELECT *, length(regexp_extract(spelled, ${prefix}_first_end, 0)) AS to_nth\nFROM {prefix}_likely"
    begun = "spelled" if ended else "substr(spelled, 1, to_nth)"
    begins = f"length(regexp_extract({begun}, ${prefix}_latest_begin, 1)) + 1 AS from_nth"
    columns = ["session_key", "events", "duration_ms", *([] if pattern.from_start else [begins])]
    columns += [] if ended else ["to_nth"]
    spans = f"SELECT {', '.join(columns)}\nFROM {prefix}_{'likely' if ended else 'ends'}"
    rows, ends_at = [], []
    if pattern.from_start:
        rows.append(f"SELECT session_key, 0 AS position, 0 AS ms FROM {prefix}_spans")
    else:
        ends_at.append("nth = from_nth")
        params[f"{prefix}_latest_begin"] = spelled.latest_begin
    if ended:
        rows.append(f"SELECT session_key, events + 1 AS position, duration_ms AS ms FROM {prefix}_spans")
    else:
        ends_at.append("nth = to_nth")
        params[f"{prefix}_first_end"] = spelled.first_end
    ctes = [Cte(f"{prefix}_likely", likely)]
    ctes += [] if ended else [Cte(f"{prefix}_ends", ends)]
    ctes.append(Cte(f"{prefix}_spans", spans, True))
    if ends_at:
        rows.append(
            f"SELECT places.session_key, position, ms\nFROM ({PLACES[spelled.kind].format(tables)}) AS places\n"
            f"JOIN {prefix}_spans AS spans ON spans.session_key = places.session_key\nWHERE {' OR '.join(ends_at)}"
        )
    both_ends = indent("\nUNION ALL\n".join(rows), "    ")
    sql = f"""
SELECT session_key, min(position) AS from_position, min(ms) AS from_ms, max(position) AS to_position, max(ms) AS to_ms
FROM (
{both_ends}
) AS both_ends
GROUP BY session_key"""
    params |= spelled.text.params
    return Found(prefix, (*ctes, Cte(prefix, sql, True)), params)
