"""When did it happen? SQL that reads a foreign time as UTC.

Numbers are told by their digits before the point: 10 are seconds, 13 milliseconds, 16 microseconds, 19 nanoseconds;
no other number is a time. Texts are ISO 8601 and its relatives; a text without a zone was written in the time zone of
the connection, which the import sets. Times before 1900 or after 2199 are refused.
"""

from analytics import words

UNITS = {10: "seconds", 13: "milliseconds", 16: "microseconds", 19: "nanoseconds"}
TEXT, ZONED, NATIVE, NATIVE_ZONED, SUM = 1, 2, 3, 4, 5
"""Ways a time was written, beside the numbers of digits: what `way` yields."""

OTHER_FORMS = (
    "%d/%b/%Y:%H:%M:%S %z",  # access logs
    "%a, %d %b %Y %H:%M:%S %z",  # mail
    "%a, %d %b %Y %H:%M:%S GMT",
    "%Y%m%dT%H%M%SZ",
    "%b %d, %Y %I:%M:%S %p",
    "%d %b %Y %H:%M:%S",
)
READABLE = "^([0-9]{10}|[0-9]{13}|[0-9]{16}|[0-9]{19})([.]|$)"
IS_NUMBER = "regexp_full_match({0}, '[0-9]+([.][0-9]*)?')"
IS_ZONED = "regexp_matches({0}, ':[0-9:.,]+ *(Z|z|UTC|GMT|[+-][0-9]{{2}}(:?[0-9]{{2}})?|[A-Z][A-Za-z]+/[A-Za-z_/]+)$')"


def read(text: str) -> str:
    """The time of an expression that yields a non-empty text or NULL; NULL when it cannot be read."""
    whole, fraction = f"split_part({text}, '.', 1)", f"split_part({text}, '.', 2)"
    number = f"try_cast({whole} AS HUGEINT)"
    micros, millis = (f"try_cast(rpad(left({fraction}, {n}), {n}, '0') AS BIGINT)" for n in (6, 3))
    forms = ", ".join(f"'{form}'" for form in OTHER_FORMS)
    return f"""CASE WHEN {IS_NUMBER.format(text)} THEN make_timestamp(CAST(CASE length({whole})
      WHEN 10 THEN {number} * 1000000 + {micros}
      WHEN 13 THEN {number} * 1000 + {millis}
      WHEN 16 THEN {number}
      WHEN 19 THEN {number} // 1000 END AS BIGINT))
    WHEN regexp_matches({text}, '^ *[0-9A-Z]') THEN coalesce(
      make_timestamp(epoch_us(try_cast({text} AS TIMESTAMPTZ))),
      make_timestamp(epoch_us(try_cast(replace({text}, ',', '.') AS TIMESTAMPTZ))),
      make_timestamp(epoch_us(CAST(try_strptime({text}, [{forms}]) AS TIMESTAMPTZ)))) END"""


def way(text: str) -> str:
    """How the time of the same expression was written: the number of digits, `TEXT` or `ZONED`."""
    return f"""CASE WHEN {IS_NUMBER.format(text)} THEN length(split_part({text}, '.', 1))
    WHEN {IS_ZONED.format(text)} THEN {ZONED} ELSE {TEXT} END"""


def why_not(text: str) -> str:
    """Why a text is no time, for a person."""
    return (
        f"CASE WHEN {IS_NUMBER.format(text)} AND NOT regexp_matches({text}, '{READABLE}') "
        f"THEN 'timestamp is a number of ' || length(split_part({text}, '.', 1)) || "
        "' digits, not of 10, 13, 16 or 19' ELSE 'unreadable timestamp' END"
    )


def native(column: str, is_zoned: bool) -> str:
    """A typed time; without a zone it was written in the connection's."""
    return f"make_timestamp(epoch_us({column if is_zoned else f'CAST({column} AS TIMESTAMPTZ)'}))"


def in_unit(text: str, unit_us: float) -> str:
    """A number of units since 1970 as a time; NULL when it is none."""
    return f"make_timestamp({span(text, unit_us)})"


def span(text: str, unit_us: float) -> str:
    """A number of units as microseconds; NULL when it is none."""
    return f"try_cast(round(try_cast({text} AS DOUBLE) * {unit_us!r}) AS BIGINT)"


def plausible(time: str) -> str:
    """`time` when it lies in 1900 to 2199, else NULL."""
    return f"CASE WHEN {time} >= TIMESTAMP '1900-01-01' AND {time} < TIMESTAMP '2200-01-01' THEN {time} END"


def sentence(ways: list[tuple[int, int]], timezone: str) -> str:
    """How times were written and read, from pairs of (way, rows)."""
    said = {
        TEXT: f"texts without a zone, read as {timezone}",
        ZONED: "texts with a zone",
        NATIVE: f"timestamps without a zone, read as {timezone}",
        NATIVE_ZONED: "timestamps with a zone",
        SUM: "sums of columns",
    }
    kinds = [
        said.get(way) or f"numbers of {way} digits, read as {UNITS.get(way, 'nothing')} since 1970" for way, _ in ways
    ]
    if len(ways) == 1:
        return f"Times are {kinds[0]}."
    counted = [f"{words.count(rows)} {kind}" for kind, (_, rows) in zip(kinds, ways, strict=True)]
    return f"Times are {words.listed(counted)}." if ways else "There are no times."
