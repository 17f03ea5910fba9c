"""Numbers, dates and durations as the reader sees them. Nothing else in the product formats a number."""

import datetime as dt
from collections.abc import Sequence

SPACE = "\u00a0"  # a no-break space between a number and its unit
MINUS = "\u2212"


def count(value: float) -> str:
    """24812 -> 24,812"""
    return f"{value:,.0f}".replace("-", MINUS)


def number(value: float, digits: int = 1) -> str:
    """1234.56 -> 1,234.6"""
    return f"{value:,.{digits}f}".replace("-", MINUS)


def many(value: int, singular: str, plural: str | None = None) -> str:
    """1 -> 1 session, 1200 -> 1,200 sessions"""
    return f"{count(value)}{SPACE}{singular if value == 1 else plural or singular + 's'}"


def percent(share: float | None, digits: int = 1) -> str:
    """0.0441 -> 4.4 %; shares are kept from 0 to 1 until here; None, a share of nothing, is a dash."""
    return "–" if share is None else f"{100 * share:.{digits}f}{SPACE}%".replace("-", MINUS)


def signed(value: float, digits: int = 1) -> str:
    """-1.44 -> −1.4, 0.3 -> +0.3: a difference always carries its sign, zero has none."""
    text = f"{value:+,.{digits}f}".replace("-", MINUS)
    return text[1:] if float(text[1:].replace(",", "")) == 0 else text


def interval(low: float, high: float, digits: int = 0) -> str:
    """The 95 % interval of an amount: 23 to 33"""
    return f"{low:,.{digits}f} to {high:,.{digits}f}".replace("-", MINUS)


def duration(seconds: float | None) -> str:
    """80 -> 1 m 20 s; 4.2 -> 4.2 s; 3900 -> 1 h 05 m; None is a dash."""
    if seconds is None:
        return "–"
    if seconds < 9.95:
        return f"{seconds:.1f}{SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        hours, minutes = divmod(minutes, 60)
        return f"{hours:,}{SPACE}h {minutes:02d}{SPACE}m"
    return f"{minutes}{SPACE}m {rest:02d}{SPACE}s" if minutes else f"{rest}{SPACE}s"


def size(octets: float) -> str:
    """Of a file, in thousands: 812 -> 812 bytes; 41200 -> 41 kB; 8 388 608 -> 8.4 MB; 40e9 -> 40 GB"""
    if octets < 1000:
        return many(round(octets), "byte")
    value, unit = octets / 1000, "kB"
    for larger in ("MB", "GB", "TB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    return f"{number(value, 1 if value < 9.95 else 0)}{SPACE}{unit}"


def limit(milliseconds: int) -> str:
    """A length of time that somebody has set, to the millisecond: 600000 -> 10 m, 5400000 -> 1 h 30 m, 500 -> 500 ms"""
    parts, rest = [], milliseconds
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        whole, rest = divmod(rest, size)
        parts += [f"{count(whole)}{SPACE}{unit}"] if whole else []
    return SPACE.join(parts) or f"0{SPACE}s"


def clock(milliseconds: int) -> str:
    """Time since a session's start: 136000 -> 2:16, 3725000 -> 1:02:05"""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def day(date: dt.date, year: bool = False) -> str:
    """7 Sep, or 7 Sep 2026"""
    return f"{date.day}{SPACE}{date:%b}" + (f"{SPACE}{date.year}" if year else "")


def days(first: dt.date, last: dt.date) -> str:
    """Both ends inside, the year once: 3 Aug to 25 Oct 2026"""
    if first == last:
        return day(first, year=True)
    return f"{day(first, year=first.year != last.year)} to {day(last, year=True)}"


def moment(time: dt.datetime) -> str:
    """9 Sep 2026, 10:12"""
    return f"{day(time.date(), year=True)}, {time:%H:%M}"


def listed(names: Sequence[str], last: str = "and") -> str:
    """desktop, phone and tablet"""
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
