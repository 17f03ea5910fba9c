"""Page groups: many pages that are one kind of place (`/product/*`), and the part of the product an item belongs to.

A group is a glob; paths rename an item to the first one it matches.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from analytics.conditions import exact, regex
from analytics.path_items import Group, name_of, pages_of

MANY = 8  # pages below one segment from which on they are one place


def propose(pages: Iterable[str]) -> tuple[str, ...]:
    """A glob for each first segment with many different pages below it, the largest first.

    A segment that every page begins with (`/en`, `/app`) tells nothing apart and is passed over: the next one counts.
    The segment's own page (`/product`) stays apart from those below it.
    """
    prefix, tails = "", {page[1:] for page in pages if page.startswith("/") and page != "/"}
    while len(heads := {tail.partition("/")[0] for tail in tails}) == 1:
        prefix += f"/{heads.pop()}"
        tails = {rest for tail in tails if (rest := tail.partition("/")[2])}
    below: defaultdict[str, set[str]] = defaultdict(set)
    for tail in tails:
        head, _, rest = tail.partition("/")
        if rest and "*" not in head:
            below[head].add(rest)
    large = [(-len(rests), f"{prefix}/{head}/*") for head, rests in below.items() if len(rests) >= MANY]
    return tuple(glob for _, glob in sorted(large))


def named(item: str, groups: Sequence[str | Group]) -> str:
    """`item` as paths call it: the first group it matches, else itself."""
    for group in groups:
        if any(matches(item, pattern) for pattern in pages_of(group)):
            return name_of(group)
    return item


def matches(item: str, pattern: str) -> bool:
    """The whole of `item` against a glob, as `conditions.glob` asks it of a column."""
    return item == pattern if exact(pattern) else re.fullmatch(regex(pattern), item, re.DOTALL) is not None


def section(item: str) -> str:
    """The part of the product an item belongs to: a page's first segment, anything else itself.

    `/checkout/done` and the group `/checkout/*` are `/checkout`.
    """
    if not item.startswith("/"):
        return item
    return "/" + item[1:].partition("/")[0].partition("*")[0]
