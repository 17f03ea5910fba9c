"""Events for the benchmarks: a made-up shop of any size, the same for the same seed, in one Parquet file.

Ten events a session on average (a geometric number), four sessions a person, very unevenly: the busiest have thousands,
as robots do. 90 days with a daily rhythm and quiet weekends. Columns are the canonical ones; rows come in the order in
which a collector would have received them, up to 5 s late. What an import has to deal with is in it, too: one event in
fifty arrives twice, one session in twenty has no id, half of the people sign in, some of them only after a month.

One day is made at a time, so that memory grows little with the number of events.
"""

import argparse
import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

FIRST_DAY = dt.date(2026, 1, 5)  # a Monday
DAYS = 90
# late sign-ins: anonymous before the first, both ids up to the second, then the user's alone
JOIN_DAY, JOINED_DAY = 30, 60
ROWS_PER_GROUP = 200_000
DAY_MS = 86_400_000
PAGES, NEIGHBOURS, ELEMENTS = 300, 12, 40
TALL = 3_000  # CSS pixels of every page

VISITS = [("click", 45), ("scroll", 25), ("product_viewed", 12), ("change", 6), ("add_to_cart", 5), ("submit", 3)]
VISITS += [("page_leave", 1), ("error", 1), ("purchase", 2)]
NAMES = ["page_view", *(name for name, _ in VISITS)]
WEIGHTS = np.array([weight for _, weight in VISITS]) / sum(weight for _, weight in VISITS)
NAMED = {name: number for number, name in enumerate(NAMES)}
SECTIONS = ["", "list", "item", "cart", "pay", "help", "blog", "account"]
DEVICES = ["desktop", "phone", "phone", "tablet"]
BROWSERS = ["Chrome", "Safari", "Firefox", "Edge", "Chrome"]
SYSTEMS = ["Windows", "macOS", "iOS", "Android"]
COUNTRIES = ["DE", "US", "FR", "GB", "NL", "PL", "IT", "ES", "AT", "CH"]
WIDTHS = np.array([360, 390, 768, 1280, 1440, 1920], dtype=np.int32)
CAMPAIGNS = [None, "spring", "summer", "brand", "newsletter"]
REFERRERS = ["https://www.google.com/", "https://news.example.com/a", None, "https://t.co/x"]
PLANS = ["free", "pro", "team"]
HOURS = np.array([2, 1, 1, 1, 1, 2, 3, 5, 6, 7, 7, 7, 8, 7, 6, 6, 6, 7, 8, 9, 9, 8, 6, 4], dtype=float)
WEEKDAYS = np.array([1.0, 1.05, 1.05, 1.0, 0.95, 0.7, 0.75])


@dataclass(frozen=True)
class People:
    """What stays the same about everybody; one array element is one person."""

    share: np.ndarray  # 0 to 1: below 0.50 always signed in, below 0.55 from some day on, else never
    device: np.ndarray
    browser: np.ndarray
    system: np.ndarray
    country: np.ndarray
    width: np.ndarray


def people(count: int, rng: np.random.Generator) -> People:
    def of(number: int) -> np.ndarray:
        return rng.integers(0, number, count, dtype=np.int8)

    skewed = (len(COUNTRIES) * rng.random(count) ** 2).astype(np.int8)
    return People(rng.random(count, dtype=np.float32), of(4), of(5), of(4), skewed, of(6))


def events(count: int, seed: int) -> Iterator[pa.Table]:
    """`count` events and their repeats, in order of arrival, one table per day."""
    rng = np.random.default_rng(seed)
    sessions = max(1, count // 10)
    known = people(max(1, sessions * 3 // 10), rng)
    # from each page on to its neighbours, mostly the first ones; the pages are the busier the lower their number
    onward = (PAGES * rng.random((PAGES, NEIGHBOURS)) ** 2.5).astype(np.int16)
    days = np.arange(DAYS)
    rhythm = WEEKDAYS[days % 7]
    per_day = np.bincount(rng.choice(DAYS, sessions, p=rhythm / rhythm.sum()), minlength=DAYS)
    missing = count  # the last day takes up what chance left
    late: pa.Table | None = None
    for day in range(DAYS):
        lengths = rng.geometric(0.1, per_day[day]).astype(np.int64)
        rest = per_day[day + 1 :].sum() * 10
        lengths = _summing_to(lengths, missing - rest if rest else missing, rng) if per_day[day] else lengths
        missing -= int(lengths.sum())
        table = _day(day, lengths, int(per_day[:day].sum()), known, onward, rng, seed)
        table = table if late is None else pa.concat_tables([late, table])
        table = table.take(np.argsort(table["arrived"].to_numpy(), kind="stable"))
        here = int(np.searchsorted(table["arrived"].to_numpy(), (day + 1) * DAY_MS)) if day < DAYS - 1 else len(table)
        late = table.slice(here)
        yield table.slice(0, here).drop_columns("arrived")


def _summing_to(lengths: np.ndarray, total: int, rng: np.random.Generator) -> np.ndarray:
    """The lengths, a few of them changed so that they add up; none falls below one."""
    total = max(int(total), len(lengths))
    while off := total - int(lengths.sum()):
        chosen = rng.integers(0, len(lengths), min(abs(off), len(lengths)))
        chosen = np.unique(chosen)
        lengths[chosen] += 1 if off > 0 else -(lengths[chosen] > 1).astype(np.int64)
    return lengths


def _day(
    day: int, lengths: np.ndarray, first: int, known: People, onward: np.ndarray, rng: np.random.Generator, seed: int
) -> pa.Table:
    """The sessions that begin on `day` (from 0), numbered from `first`; `arrived` in ms since the first day."""
    sessions, rows = len(lengths), int(lengths.sum())
    of = np.repeat(np.arange(sessions), lengths)
    heads = np.cumsum(lengths) - lengths
    nth = np.arange(rows) - heads[of]

    hour = rng.choice(24, sessions, p=HOURS / HOURS.sum())
    began = day * DAY_MS + hour * 3_600_000 + rng.integers(0, 3_600_000, sessions)
    pauses = np.where(rng.random(rows) < 1 / 7, 0, rng.exponential(9_000, rows)).astype(np.int64)
    passed = np.cumsum(np.where(nth == 0, 0, pauses))
    time_ms = began[of] + passed - passed[heads[of]]

    name = (1 + rng.choice(len(WEIGHTS), rows, p=WEIGHTS)).astype(np.int8)
    viewed = (nth == 0) | (rng.random(rows) < 0.3)
    name[viewed] = 0
    page = _pages(of, viewed, onward, rng)

    whose = np.minimum(len(known.share) - 1, (len(known.share) * rng.random(sessions) ** 2.2)).astype(np.int64)
    person = whose[of]
    share, when = known.share[person], time_ms // DAY_MS
    joining = (share >= 0.5) & (share < 0.55)
    signed_in = (share < 0.5) | (joining & (when >= JOIN_DAY))
    anonymous = (share >= 0.55) | (joining & (when < JOINED_DAY))

    width = WIDTHS[known.width[person]]
    element = np.minimum(ELEMENTS - 1, ELEMENTS * rng.random(rows) ** 1.7).astype(np.int64)
    clicked, acted = name == NAMED["click"], np.isin(name, [NAMED[n] for n in ("click", "change", "submit")])
    place = page.astype(np.int64) * ELEMENTS + element  # an element has its place, people hit it nearly
    x = np.clip((place * 37 % 100 + 0.5) / 100 * width + rng.normal(0, 14, rows), 0, width - 1).astype(np.int32)
    y = np.clip(place * 61 % 2_900 + 50 + rng.normal(0, 8, rows), 0, TALL - 1).astype(np.int32)
    shop = np.isin(name, [NAMED[n] for n in ("product_viewed", "add_to_cart", "purchase")])
    paid = np.isin(name, [NAMED[n] for n in ("add_to_cart", "purchase")])
    browser, system = known.browser[person], known.system[person]

    session_ids = _hex(_scrambled(np.arange(first, first + sessions), seed, 1), 8, prefix=b"s")
    nameless = rng.random(sessions) < 0.05
    columns = {
        "event_id": _uuids(rows, rng),
        "timestamp": pa.array(time_ms * 1_000 + _epoch_us(), pa.timestamp("us")),
        "event": _text(NAMES, name),
        "user_id": _numbered("u", person, signed_in),
        "anonymous_id": _numbered("a", person * 7_919 % 1_000_000_007, anonymous),
        "session_id": session_ids.take(pa.array(of, mask=nameless[of])),
        "page": _text(PAGE_NAMES, page),
        "referrer": _text(REFERRERS, rng.integers(0, 4, sessions)[of], viewed & (nth == 0)),
        "element": _text([f"#el-{n}" for n in range(ELEMENTS)], element, acted),
        "text": _text([f"Label {n}" for n in range(ELEMENTS)], element, clicked),
        "x": pa.array(x, mask=~clicked),
        "y": pa.array(y, mask=~clicked),
        "viewport_width": pa.array(width),
        "viewport_height": pa.array((width * 0.62).astype(np.int32)),
        "page_height": pa.array(np.full(rows, TALL, np.int32)),
        "scroll_depth": pa.array(rng.integers(0, 101, rows) / 100, mask=name != NAMED["scroll"]),
        "value": pa.array(rng.integers(0, 20_000, rows) / 100, mask=~paid),
        "device": _text(DEVICES, known.device[person]),
        "browser": _text(BROWSERS, browser),
        "os": _text(SYSTEMS, system),
        "country": _text(COUNTRIES, known.country[person]),
        "release": _text([f"1.{n}" for n in range(DAYS // 30 + 1)], when // 30),
        "campaign": _text(CAMPAIGNS, rng.integers(0, len(CAMPAIGNS), sessions)[of]),
        "ip": _text(ADDRESSES, person % len(ADDRESSES)),
        "user_agent": _text(AGENTS, system.astype(np.int64) * len(BROWSERS) + browser),
        "properties": _text(PROPERTIES, rng.integers(0, len(PROPERTIES), rows), shop),
        "arrived": pa.array(time_ms + rng.integers(0, 5_000, rows)),
    }
    table = pa.table(columns)
    again = np.flatnonzero(rng.random(rows) < 0.02)
    repeats = table.take(again)
    later = pc.add(repeats["arrived"], pa.array(rng.integers(5_000, 600_000, len(again))))
    return pa.concat_tables([table, repeats.set_column(len(columns) - 1, "arrived", later)])


def _pages(of: np.ndarray, viewed: np.ndarray, onward: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The page of each event: a walk from page to page, all sessions one step at a time."""
    visit = np.cumsum(viewed) - 1  # every session begins with a view, so visits are whole in it
    session = of[viewed]
    start = np.concatenate(([True], session[1:] != session[:-1])) if len(session) else np.zeros(0, bool)
    number = np.arange(len(session))
    number -= number[start][np.cumsum(start) - 1] if len(session) else 0
    # where one lands who starts or does not follow links
    walk = (PAGES * rng.random(len(session)) ** 2.5).astype(np.int16)
    neighbour = (NEIGHBOURS * rng.random(len(session)) ** 2).astype(np.int8)
    lost = rng.random(len(session))
    order = np.argsort(number, kind="stable")
    bounds = np.searchsorted(number[order], np.arange(1, number.max(initial=0) + 2))
    for begin, end in pairwise(bounds):
        these = order[begin:end]
        before = walk[these - 1]
        following = onward[before, neighbour[these]]
        jump = walk[these] % 10  # back to one of the ten best known pages
        walk[these] = np.where(lost[these] < 0.85, following, np.where(lost[these] < 0.95, jump, before))
    return walk[visit]


def _text(
    words: list[str | None] | list[str] | pa.Array, which: np.ndarray, where: np.ndarray | None = None
) -> pa.Array:
    """`words[which]`, missing where `where` is false."""
    index = pa.array(which.astype(np.int32), mask=None if where is None else ~where)
    return (words if isinstance(words, pa.Array) else pa.array(words, pa.string())).take(index)


def _numbered(letter: str, number: np.ndarray, where: np.ndarray) -> pa.Array:
    digits = pc.cast(pa.array(number, mask=~where), pa.string())
    return pc.binary_join_element_wise(letter, digits, "")


def _scrambled(number: np.ndarray, seed: int, salt: int) -> np.ndarray:
    """Different for different numbers, and in no order: the finisher of splitmix64, which can be undone."""
    z = number.astype(np.uint64) + np.uint64((seed * 1_000_003 + salt) % 2**32)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


HEX = np.frombuffer(b"".join(b"%02x" % n for n in range(256)), np.uint8).reshape(256, 2)


def _hex(numbers: np.ndarray, width: int, prefix: bytes = b"") -> pa.Array:
    """`width` bytes each as hexadecimal digits."""
    octets = np.ascontiguousarray(numbers).view(np.uint8).reshape(len(numbers), numbers.itemsize)[:, :width]
    digits = HEX[octets].reshape(len(numbers), 2 * width)
    if prefix:
        digits = np.hstack([np.tile(np.frombuffer(prefix, np.uint8), (len(numbers), 1)), digits])
    return _fixed(digits)


def _uuids(count: int, rng: np.random.Generator) -> pa.Array:
    """Random ones, version 4, as text."""
    octets = rng.integers(0, 256, (count, 16), dtype=np.uint8)
    octets[:, 6] = octets[:, 6] & 0x0F | 0x40
    octets[:, 8] = octets[:, 8] & 0x3F | 0x80
    digits = HEX[octets].reshape(count, 32)
    dash = np.full((count, 1), ord("-"), np.uint8)
    parts = np.split(digits, [8, 12, 16, 20], axis=1)
    return _fixed(np.hstack([parts[0], dash, parts[1], dash, parts[2], dash, parts[3], dash, parts[4]]))


def _fixed(letters: np.ndarray) -> pa.Array:
    """Rows of letters as texts of one length, without a Python object for any."""
    count, width = letters.shape
    offsets = np.arange(count + 1, dtype=np.int32) * width
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(letters))]
    return pa.Array.from_buffers(pa.string(), count, buffers)


def _epoch_us() -> int:
    return int(dt.datetime.combine(FIRST_DAY, dt.time(), dt.UTC).timestamp()) * 1_000_000


PAGE_NAMES = ["/" if n == 0 else f"/{SECTIONS[n % 8] or 'offers'}/{n}" for n in range(PAGES)]
AGENTS = [f"Mozilla/5.0 ({system}) {browser}/126" for system in SYSTEMS for browser in BROWSERS]
ADDRESSES = pa.array([f"10.{n // 65_536}.{n // 256 % 256}.{n % 256}" for n in range(200_000)])
PROPERTIES = pa.array(
    f'{{"sku":"s{sku}","quantity":{quantity},"plan":"{plan}"}}'
    for sku in range(500)
    for quantity in range(1, 6)
    for plan in PLANS
)


def write(path: Path, count: int, seed: int = 1) -> None:
    """Writes the file; a half-written one never has its name."""
    unfinished = path.with_suffix(".unfinished")
    writer: pq.ParquetWriter | None = None
    waiting: list[pa.Table] = []
    try:
        for table in events(count, seed):
            waiting.append(table)
            if sum(map(len, waiting)) >= ROWS_PER_GROUP:
                writer = writer or pq.ParquetWriter(unfinished, table.schema, compression="snappy")
                writer.write_table(pa.concat_tables(waiting), row_group_size=ROWS_PER_GROUP)
                waiting = []
        if any(map(len, waiting)) or writer is None:
            table = pa.concat_tables(waiting)
            writer = writer or pq.ParquetWriter(unfinished, table.schema, compression="snappy")
            writer.write_table(table, row_group_size=ROWS_PER_GROUP)
    finally:
        if writer:
            writer.close()
    os.replace(unfinished, path)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description="Writes a file of made-up events.")
    asked.add_argument("path", type=Path)
    asked.add_argument("--events", type=int, default=1_000_000)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    write(given.path, given.events, given.seed)
