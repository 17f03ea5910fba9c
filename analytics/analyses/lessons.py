"""Lessons: which sessions would teach most about the product, each with the reason in figures.

A session's score adds up what is known of it; the points are a judgement, the facts are not:

    errors             2 for the first, 0.5 for each further one, at most 4
    refusals           1.5 for the first form that was refused or login that failed, 0.5 for each further, at most 3
    a lost goal        3: it was at the step before the goal and did not reach the goal, then or otherwise
    an unusual way     log10(N), at most 3, where one in N (20 or more) of the sessions of as many page views goes
                       as unlikely a way
    long, no goal      1: its active time is among the longest twentieth, and it did not reach the goal

The step before a goal is the page that tells best who reaches it: of the eight pages that most of those who reach it
view, the one with the highest F1 of "views the page" as a forecast of "reaches the goal", leaving out pages after which
fewer than one in twenty do not (such as the page that says thanks) and pages whose viewers reach it less than twice as
often as everybody; of equally good ones the one viewed later. How unlikely a way is: the mean of -log2 of the
share of each move from page to page among all moves from that page, in the sessions of the scope; of sessions of 4 to
50 page views, as one or two moves say little and a mean over hundreds says nothing.

So that a list is not fifty times the same, sessions of one kind take turns: a kind is the reason with most points and
the page, or group of pages, where that was. The best of every kind come first, by their score,
then the second of every kind. Sessions without a point are not listed.
"""

from dataclasses import dataclass
from typing import Literal

from pydantic import with_config

from analytics import vocabulary, words
from analytics.analyses import sessions
from analytics.analyses.event_sessions import Total, check_page
from analytics.analyses.sessions import Among
from analytics.conditions import STRICT, Condition, Matcher
from analytics.errors import InvalidQuestion
from analytics.metrics import FunnelGoal, Goal
from analytics.path_items import Groups, check_groups, group_values, renamed
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

FEWEST, MOST = 4, 50  # page views of a session whose way is looked at
RARE = 20  # one in so many
LOST_AT_LEAST = 0.05  # of those who view the step before a goal
BETTER = 2  # times the share of all sessions that reach the goal: less, and the page is no step before it
LONGEST = 0.95

# Sums are of whole numbers, so that equal ways are equal whatever the order in which they are added up.
JUDGED = """{listed}{goal}troubled AS (
    SELECT
        session_key,
        count(CASE WHEN name = $error THEN 1 END) AS met,
        count(CASE WHEN name = $form_error THEN 1 END) AS refused_forms,
        count(CASE WHEN name = $login_failed THEN 1 END) AS failed_logins,
        nullif(arg_min(coalesce(page, ''), CASE WHEN name = $error THEN position END), '') AS error_page,
        min(CASE WHEN name = $error THEN offset_ms END) AS error_ms,
        nullif(arg_min(coalesce(page, ''), CASE WHEN name <> $error THEN position END), '') AS refused_page,
        min(CASE WHEN name <> $error THEN offset_ms END) AS refused_ms
    FROM scoped
    WHERE name IN ($error, $form_error, $login_failed)
    GROUP BY session_key
),
moves AS (
    SELECT session_key, pages, substr(page_string, nth, 2) AS move
    FROM (
        SELECT session_key, page_string, length(page_string) AS pages,
            unnest(generate_series(1, length(page_string) - 1)) AS nth
        FROM scoped_sessions
        WHERE length(page_string) BETWEEN $fewest AND $most
    ) AS places
),
odds AS (
    SELECT move, CAST(round(-1000 * log2(often / sum(often) OVER (PARTITION BY substr(move, 1, 1)))) AS BIGINT) AS bits
    FROM (SELECT move, CAST(count(*) AS DOUBLE) AS often FROM moves GROUP BY move) AS counted_moves
),
surprises AS (
    SELECT session_key, pages, sum(bits) AS bits
    FROM moves JOIN odds ON odds.move = moves.move
    GROUP BY session_key, pages
),
unusual AS (
    SELECT session_key, share_as_unusual
    FROM (
        SELECT session_key, cume_dist() OVER (PARTITION BY pages ORDER BY bits DESC) AS share_as_unusual
        FROM surprises
    ) AS ranked_ways
    WHERE share_as_unusual * $rare <= 1
),
judged AS (
    SELECT
        listed.session_key, listed.session_id, listed.start, listed.entry_page, listed.exit_page,
        coalesce(met, 0) AS errors, error_page, error_ms,
        coalesce(refused_forms, 0) AS refused_forms, coalesce(failed_logins, 0) AS failed_logins,
        refused_page, refused_ms,
        {lost} AS lost, {long} AS long, share_as_unusual,
        length(page_string) AS page_views, active_ms
    FROM {source}
    LEFT JOIN troubled ON troubled.session_key = listed.session_key
    LEFT JOIN unusual ON unusual.session_key = listed.session_key
),
pointed AS (
    SELECT
        *,
        CASE WHEN errors > 0 THEN least(150 + 50 * errors, 400) ELSE 0 END AS of_errors,
        CASE WHEN lost THEN 300 ELSE 0 END AS of_loss,
        CASE WHEN refused_forms + failed_logins > 0
            THEN least(100 + 50 * (refused_forms + failed_logins), 300) ELSE 0 END AS of_refusals,
        CASE WHEN share_as_unusual IS NOT NULL
            THEN least(CAST(floor(-100 * log10(share_as_unusual)) AS INTEGER), 300) ELSE 0 END AS of_way,
        CASE WHEN long THEN 100 ELSE 0 END AS of_length
    FROM judged
),
reasoned AS (
    SELECT
        *,
        of_errors + of_loss + of_refusals + of_way + of_length AS points,
        CASE greatest(of_errors, of_loss, of_refusals, of_way, of_length)
            WHEN 0 THEN NULL WHEN of_errors THEN 'error' WHEN of_loss THEN 'lost' WHEN of_refusals THEN 'refused'
            WHEN of_way THEN 'unusual' ELSE 'long'
        END AS reason
    FROM pointed
),
taught AS (
    SELECT *
    FROM reasoned
    WHERE reason IS NOT NULL
),
"""
LISTED = """turns AS (
    SELECT
        session_key, session_id, start, points, reason, page,
        row_number() OVER (
            PARTITION BY reason, {kind_of_page}
            ORDER BY points DESC, start DESC, session_id
        ) AS turn
    FROM (
        SELECT
            *,
            CASE reason WHEN 'error' THEN error_page WHEN 'refused' THEN refused_page WHEN 'lost' THEN {gate}
                WHEN 'unusual' THEN entry_page ELSE exit_page END AS page
        FROM taught
    ) AS placed
),
chosen AS (
    SELECT session_key AS chosen_key, points AS all_points, page, turn, count(*) OVER () AS total
    FROM turns
    ORDER BY turn, points DESC, start DESC, session_id
    LIMIT $limit OFFSET $offset
)
SELECT
    session_id, points, reason, page, turn, errors, error_page, error_ms, refused_forms, failed_logins, refused_page,
    refused_ms, {lost_page} AS lost_page, {lost_ms} AS lost_ms,
    1 / share_as_unusual AS one_in, page_views, CASE WHEN long THEN active_ms END AS long_ms, total
FROM chosen JOIN taught ON session_key = chosen_key
ORDER BY turn, points DESC, start DESC, session_id
"""
COUNT = """counted_lessons AS (
    SELECT count(*) AS total FROM taught
)
SELECT total FROM counted_lessons
"""
GOAL = """aimed AS (
    SELECT session_key, page_string, active_ms, {reached} AS reaches
    FROM scoped_sessions
),
most_viewed AS (
    SELECT symbol, count(*) AS reaching, sum(place) AS places
    FROM (
        SELECT session_key, substr(page_string, nth, 1) AS symbol, min(nth) AS place
        FROM (
            SELECT session_key, page_string, unnest(generate_series(1, length(page_string))) AS nth
            FROM aimed
            WHERE reaches AND length(page_string) > 0
        ) AS views
        GROUP BY ALL
    ) AS viewed_pages
    GROUP BY symbol
    ORDER BY reaching DESC, symbol
    LIMIT 8
),
forecasts AS (
    SELECT symbol, max(reaching) AS reaching, max(places) AS places, count(*) AS viewing
    FROM most_viewed JOIN aimed ON strpos(page_string, symbol) > 0
    GROUP BY symbol
),
gates AS (
    SELECT max(symbol) AS gate, max(value) AS gate_page, max(long_from) AS long_from
    FROM (
        SELECT codes.symbol, codes.value, 0 AS long_from
        FROM (
            SELECT symbol
            FROM forecasts
            CROSS JOIN (
                SELECT count(*) AS sessions, count(CASE WHEN reaches THEN 1 END) AS successes FROM aimed
            ) AS base
            WHERE viewing - reaching >= $lost_at_least * viewing
                AND reaching * sessions >= $better * successes * viewing
            ORDER BY reaching * 1e0 / (viewing + successes) DESC, places * 1e0 / reaching DESC, symbol
            LIMIT 1
        ) AS best
        JOIN codes ON codes.kind = 'page' AND codes.symbol = best.symbol
        UNION ALL
        SELECT NULL, NULL, quantile_cont(active_ms, $longest) FROM aimed
    ) AS parts
),
"""
AIMING = "(SELECT *, {reached} AS reaches FROM listed CROSS JOIN gates) AS listed"
LOST = "NOT reaches AND coalesce(strpos(page_string, gate) > 0, false)"
LONG = "NOT reaches AND active_ms > long_from"
GATE = "(SELECT max(gate_page) FROM gates)"
LAST_THERE = """(
        SELECT max(entered_ms) FROM scoped_visits
        WHERE scoped_visits.session_key = chosen_key AND scoped_visits.page = (SELECT max(gate_page) FROM gates)
    )"""
ANY = Among()
Reason = Literal["error", "lost", "refused", "unusual", "long"]


@with_config(STRICT)
@dataclass(frozen=True)
class Lessons:
    """The question: which of the sessions `among` would teach most, `limit` of them after the first `offset`.

    Without a `goal` nothing is lost and nobody is long without one. Pages of one of the `groups` are one kind of page.
    """

    goal: Goal | None = None
    among: Among = ANY
    groups: Groups = ()
    limit: int | None = 100
    offset: int = 0

    def __post_init__(self) -> None:
        check_page(self.limit, self.offset)
        check_groups(self.groups)
        steps = [goal for goal in (*self.among.did, *self.among.did_not) if isinstance(goal, FunnelGoal)]
        if steps and isinstance(self.goal, FunnelGoal):
            raise InvalidQuestion("A list of sessions takes one goal of steps; this one has 2. Leave one out.")


@dataclass(frozen=True)
class Row:
    """As the statement gives it: `points` are hundredths of the score, times milliseconds since the session's start,
    `one_in` how many sessions of as many page views there are for each that goes as unusual a way."""

    session_id: str
    points: int
    reason: Reason
    page: str | None
    turn: int
    errors: int
    error_page: str | None
    error_ms: int | None
    refused_forms: int
    failed_logins: int
    refused_page: str | None
    refused_ms: int | None
    lost_page: str | None
    lost_ms: int | None
    one_in: float | None
    page_views: int | None
    long_ms: int | None
    total: int


@dataclass(frozen=True)
class Lesson:
    """A session, its score, the reason with most points, where that was, and everything in words.

    `at_ms`: the moment to begin with, milliseconds since its start; None: its start.
    """

    session_id: str
    score: float
    reason: Reason
    page: str | None
    at_ms: int | None
    why: str


@dataclass(frozen=True)
class LessonsResult:
    """The answer: one page of the list, and its whole length."""

    rows: tuple[Lesson, ...]
    total: int
    queries: tuple[Query, ...]


EXAMPLE = Lessons(goal=Matcher(name="order"), groups=("/product/*", "/category/*"), limit=20)


def queries(params: Lessons, scope: Scope) -> tuple[Query, ...]:
    """The page asked for, and the count that also holds when that page is empty."""
    narrowed, listed = scope.also(params.among.where), sessions.kept(params.among)
    judged = _judged(params, listed)
    has_goal = params.goal is not None
    page = LISTED.format(
        kind_of_page=renamed(params.groups, "page"),
        gate=GATE if has_goal else "NULL",
        lost_page=f"CASE WHEN lost THEN {GATE} END" if has_goal else "CAST(NULL AS VARCHAR)",
        lost_ms=f"CASE WHEN lost THEN {LAST_THERE} END" if has_goal else "CAST(NULL AS BIGINT)",
    )
    return (
        narrowed.query(
            judged.sql + page, limit=params.limit, offset=params.offset, **judged.params, **group_values(params.groups)
        ),
        narrowed.query(judged.sql + COUNT, **judged.params),
    )


def _judged(params: Lessons, listed: Condition) -> Condition:
    """The CTEs that end in `taught`: the sessions with at least one point."""
    values: dict[str, object] = {
        "error": vocabulary.ERROR,
        "form_error": vocabulary.FORM_ERROR,
        "login_failed": vocabulary.LOGIN_FAILED,
        "fewest": FEWEST,
        "most": MOST,
        "rare": RARE,
        **listed.params,
    }
    if params.goal is None:
        sql = JUDGED.format(listed=listed.sql, goal="", source="listed", lost="false", long="false")
        return Condition(sql, values, "")
    if isinstance(params.goal, FunnelGoal):
        steps = params.goal.reached()
        test = Condition(sessions.THROUGH.format(last=len(params.goal.steps)), steps.params, "")
        front = f"{steps.sql},\n"
    else:
        test, front = sessions.reached(params.goal, "goal"), ""
    goal = front + GOAL.format(reached=test.sql)
    values |= {"lost_at_least": LOST_AT_LEAST, "better": BETTER, "longest": LONGEST, **test.params}
    source = AIMING.format(reached=test.sql)
    return Condition(JUDGED.format(listed=listed.sql, goal=goal, source=source, lost=LOST, long=LONG), values, "")


def run(store: Store, params: Lessons, scope: Scope) -> LessonsResult:
    """Ask `store`; an empty scope gives an empty list."""
    listed, counted = asked = queries(params, scope)
    rows = store.rows(listed, Row)
    total = rows[0].total if rows else store.rows(counted, Total)[0].total
    return LessonsResult(tuple(_lesson(row) for row in rows), total, asked)


def _lesson(row: Row) -> Lesson:
    at = {"error": row.error_ms, "refused": row.refused_ms, "lost": row.lost_ms}.get(row.reason)
    return Lesson(row.session_id, row.points / 100, row.reason, row.page, at, why(row))


def why(row: Row) -> str:
    """The facts that gave points, those with a place first: "2 errors, the first on /cart after 3 m 10 s; lost at /pay
    after 4 m; its way is one in 400".."""
    said = []
    if row.errors:
        said.append(_first(words.many(row.errors, "error"), row.errors, row.error_page, row.error_ms))
    refused = [
        words.many(number, one, many)
        for number, one, many in (
            (row.refused_forms, "refused form", "refused forms"),
            (row.failed_logins, "failed login", "failed logins"),
        )
        if number
    ]
    if refused:
        count = row.refused_forms + row.failed_logins
        said.append(_first(words.listed(refused), count, row.refused_page, row.refused_ms))
    if row.lost_page is not None:
        said.append(f"lost at {row.lost_page}" + _after(row.lost_ms))
    if row.one_in is not None:
        said.append(f"its way is one in {words.count(row.one_in)}")
    if row.long_ms is not None:
        said.append(f"{words.duration(row.long_ms / 1000)} active without the goal")
    return "; ".join(said)


def _first(what: str, count: int, page: str | None, at_ms: int | None) -> str:
    first = ", the first" if count > 1 else ""
    place = "" if page is None else f" on {page}"
    return f"{what}{first}{place}{_after(at_ms)}"


def _after(at_ms: int | None) -> str:
    return "" if at_ms is None else f" after {words.duration(at_ms / 1000)}"
