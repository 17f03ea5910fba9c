"""What sessions hold, as items by which two sides are compared: the SQL behind item changes and the lists of these.

`seen` has a row per session (and side) and item, however often it is there:

    page      a page viewed, after groups        event   an event by its name, but page views and clicks
    element   an element clicked                 error   an error by its message
    step      a step of a funnel reached         all     every session, as the item ''

`acts` are the clicks and errors themselves, with what is read there. Both read `looked`: the sessions to be looked at,
as key_, side, person, part, weight, page_string and name_string.
"""

from typing import Literal

from analytics import conditions, vocabulary
from analytics.conditions import Condition, merged
from analytics.errors import InvalidQuestion
from analytics.metrics import FunnelGoal
from analytics.path_items import Groups, group_values, renamed

Kind = Literal["page", "event", "element", "error", "step"]

# Pages and names are letters of a session's strings; what a letter means is looked up when few rows are left. Usual
# names are one byte long, and looking for each of those is quicker than taking strings apart.
SEEN = """letters AS (
    SELECT kind AS of_kind, symbol, bit_length(symbol) > 8 AS rare,
        CASE WHEN kind = 'name' THEN value ELSE {page} END AS called
    FROM codes
    WHERE kind = 'page' OR value NOT IN ($page_view, $click)
),
pages_seen AS (
    SELECT key_, side, person, part, weight, unnest(list_distinct(string_split(page_string, ''))) AS letter
    FROM looked
),
rare_names AS (
    SELECT key_, side, person, part, weight, unnest(list_distinct(string_split(name_string, ''))) AS letter
    FROM looked
    WHERE bit_length(name_string) > 8 * length(name_string)
),
acts AS (
    SELECT session_key, CASE WHEN name = $click THEN 'element' ELSE 'error' END AS kind,
        CASE WHEN name = $click THEN element ELSE coalesce(text, {message}) END AS item,
        CASE WHEN name = $click THEN text END AS text
    FROM scoped
    WHERE (name = $click AND element IS NOT NULL) OR (name = $error AND coalesce(text, {message}) IS NOT NULL)
),
seen AS (
    SELECT {once}key_, side, person, part, weight, 'page' AS kind, called AS item
    FROM pages_seen JOIN letters ON of_kind = 'page' AND symbol = letter
    UNION ALL
    SELECT key_, side, person, part, weight, 'event' AS kind, called AS item
    FROM looked JOIN letters ON of_kind = 'name' AND NOT rare AND strpos(name_string, symbol) > 0
    UNION ALL
    SELECT key_, side, person, part, weight, 'event' AS kind, called AS item
    FROM rare_names JOIN letters ON of_kind = 'name' AND rare AND symbol = letter
    UNION ALL
    SELECT DISTINCT key_, side, person, part, weight, kind, item
    FROM acts JOIN looked ON session_key = key_{steps}
    UNION ALL
    SELECT key_, side, person, part, weight, 'all' AS kind, '' AS item
    FROM looked
)"""
STEPS = """
    UNION ALL
    SELECT key_, side, person, part, weight, 'step' AS kind, CAST(number AS VARCHAR) AS item
    FROM looked JOIN reached ON unit = key_ JOIN (VALUES {numbers}) AS numbers (number) ON number <= furthest"""
MESSAGE = "properties.message"  # of an error without a text


def seen(groups: Groups, funnel: FunnelGoal | None) -> Condition:
    """The CTEs that end in `seen`, without WITH, behind one called `looked`; and their values."""
    message = conditions.column(MESSAGE, "message")
    own = {"page_view": vocabulary.PAGE_VIEW, "click": vocabulary.CLICK, "error": vocabulary.ERROR}
    values: list[dict[str, object]] = [{**own}, {**message.params}, group_values(groups)]
    front, steps = "", ""
    if funnel is not None:
        reached = funnel.reached()
        front = reached.sql + ",\n"
        steps = STEPS.format(numbers=", ".join(f"({n})" for n in range(1, len(funnel.steps) + 1)))
        values.append(reached.params)
    once = "DISTINCT " if groups else ""  # two pages of a group are one item
    sql = SEEN.format(page=renamed(groups, "value"), message=message.text, once=once, steps=steps)
    return Condition(front + sql, merged(values), "")


def check(kind: Kind, item: str, funnel: FunnelGoal | None) -> None:
    """Raises `InvalidQuestion` for a step that the funnel does not have."""
    if kind == "step":
        last = len(funnel.steps) if funnel else 0
        if item not in map(str, range(1, last + 1)):
            there = f"steps 1 to {last}" if last else "no steps, as none is given"
            raise InvalidQuestion(f"The funnel has {there}; there is no step {item!r}.")
