"""What may the person who imports decide, and what is a decision that cannot be followed?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from analytics.errors import InvalidQuestion
from analytics.ingest.fields import BY_NAME
from analytics.ingest.rules import demand_known

Dedupe = Literal["none", "exact"]
LONGEST_TIMEOUT_S = 24 * 3600


@dataclass(frozen=True)
class Options:
    """The decisions of one load; the defaults are right for a table with canonical column names.

    - `format`: read the files as this, instead of by their signature
    - `mapping`: field -> column, or a sum of columns with units (`eventdate+timeframe:ms`), or "" for none
    - `constants`: field -> one text for every row
    - `renames`: event name -> event name
    - `timezone`: where times that carry no zone were written down
    - `session_timeout_s`: the pause that ends a session without an id; None is the store's, at first 1,800
    - `reporting_zone`: where days and hours are cut; None is the store's, at first UTC
    - `source`: event ids are compared within it; None is the format's name
    - `dedupe`: "exact" counts rows that are equal in all fields once
    - `redact`: rule of redaction -> whether it is on; the others are as the store has them, and it keeps what is chosen
    - `bring_back`: take in people whom the store was asked to forget, and no longer forget them
    - `mends`: import -> lines whose mended rows the files hold (see `mend`)
    - `skip_unreadable`: leave out a file that cannot be read, instead of stopping
    """

    format: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    renames: Mapping[str, str] = field(default_factory=dict)
    timezone: str = "UTC"
    session_timeout_s: int | None = None
    reporting_zone: str | None = None
    source: str | None = None
    dedupe: Dedupe = "none"
    skip_unreadable: bool = False
    redact: Mapping[str, bool] = field(default_factory=dict)
    mends: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    bring_back: bool = False

    def __post_init__(self) -> None:
        for name in (*self.mapping, *self.constants):
            if name not in BY_NAME:
                raise InvalidQuestion(f"There is no field {name!r}; the fields are {', '.join(BY_NAME)}.")
        if both := sorted(name for name in self.constants if self.mapping.get(name)):
            raise InvalidQuestion(f"{both[0]} cannot be both a column and a constant; give one of the two.")
        demand_known(self.redact)
        for zone in filter(None, (self.timezone, self.reporting_zone)):
            known_zone(zone)
        if self.session_timeout_s is not None and not 0 < self.session_timeout_s <= LONGEST_TIMEOUT_S:
            raise InvalidQuestion(
                f"A session timeout lies between 1 second and 24 hours, not {self.session_timeout_s} seconds."
            )
        if self.dedupe not in ("none", "exact"):
            raise InvalidQuestion(f"Duplicates are told by 'none' or 'exact', not by {self.dedupe!r}.")
        if self.source == "":
            raise InvalidQuestion("A source needs a name.")


def known_zone(name: str) -> str:
    """`name` if it is a time zone such as Europe/Berlin; raises `InvalidQuestion` otherwise."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidQuestion(f"There is no time zone {name!r}; zones are named like Europe/Berlin or UTC.") from error
    return name


def seconds(text: str) -> int:
    """A span such as `30m`, `1h`, `90s` or `1800` (seconds) in seconds; raises `InvalidQuestion` otherwise."""
    match = re.fullmatch(r"\s*(\d{1,6})\s*(s|m|h|)\s*", text)
    if not match:
        raise InvalidQuestion(f"{text!r} is no span of time; write 30m, 1h or 90s.")
    return int(match[1]) * {"s": 1, "": 1, "m": 60, "h": 3600}[match[2]]
