"""Page groups: many pages that are one kind of place (`/product/*`), and the part of the product an item belongs to.

Proposed is what the addresses themselves show: a segment that has many values below the same parent (numbers, codes,
dates, names, languages) is one place with whatever varies in it. Hand-named siblings stay apart: a few names are
places of their own, and so are more of them when they are called as places of a product usually are.
"""

import functools
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from analytics.conditions import SEGMENT, exact, regex
from analytics.path_items import AnyGroup, name_of, pages_of

Varying = Literal["number", "code", "date", "name", "language"]

FEW, MANY, LOTS = 3, 8, 50  # values below one parent, from which on codes, names, and names of any kind are one place
KINDS: tuple[tuple[Varying, re.Pattern[str]], ...] = (
    ("date", re.compile(r"(19|20)\d\d([-_.]?[01]\d([-_.]?[0-3]\d)?)?|[0-3]?\d[-_.][01]?\d[-_.](19|20)\d\d")),
    ("number", re.compile(r"\d+|[A-Za-z]{1,12}[-_]?\d{3,}|\d{3,}[-_].+")),
    ("code", re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")),
    ("code", re.compile(r"(?=\D*\d)([0-9a-f]{8,}|(?=\D*\d\D*\d)[A-Za-z0-9_]{16,})")),
)
SHORT = re.compile(r"\d{1,3}")  # may be the steps of a form
LABELS: dict[Varying, str] = {"number": "id", "code": "id", "date": "date", "name": "name", "language": "lang"}
LOCALE = re.compile(r"([a-z]{2})([-_][A-Za-z]{2})?")
LANGUAGES = frozenset(  # ISO 639-1
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en "
    "eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja "
    "jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb "
    "nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq "
    "sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu".split()
)
PLACES = frozenset(  # as parts of a product are called, in any product
    "about account accounts activity add address addresses admin affiliate agb alerts analytics api apps archive "
    "audit auth backups basket billing blog calendar cancel careers cart categories category changelog chat "
    "checkout community compare confirm confirmation contact coupons create customers dashboard data delete "
    "delivery details devices discounts docs done downloads edit email emails events export faq favorites "
    "favourites features feedback feed files filter general groups help history home imprint import inbox info "
    "integrations inventory invite invites invoices jobs join keys language legal license list location login "
    "logout media members messages new news newsletter notes notifications offers options orders overview password "
    "payment payments permissions plan plans posts preferences press pricing privacy products profile profiles "
    "projects promotions purchases receipt refunds register reports reset results returns review reviews roles sale "
    "sales search security sessions settings setup share shipping signin signup start statistics stats status stock "
    "store stores subscription subscriptions success summary support tags tasks tax team teams terms themes tickets "
    "tokens tools tour transactions translations upgrade upload usage user users verify video videos webhooks "
    "welcome wishlist".split()
)


@dataclass(frozen=True)
class Proposal:
    """A pattern that `pages` different pages with `views` views fit, `examples` being the most viewed of them.

    `apart` are patterns of pages that fit as well and are places of their own.
    """

    pattern: str
    varying: Varying
    pages: int
    views: int
    examples: tuple[str, ...]
    apart: tuple[str, ...] = ()

    @property
    def groups(self) -> tuple[str, ...]:
        """As paths take them: what stays apart first, since the first group that fits counts."""
        return (*self.apart, self.pattern)


def proposals(pages: Iterable[tuple[str, int]]) -> tuple[Proposal, ...]:
    """What is one place among `pages` (each with its views), the one with most pages first.

    A segment that every page begins with (`/en`, `/app`) tells nothing apart and is passed over.
    """
    known = sorted((one for one in pages if one[0].startswith("/") and one[0] != "/"), key=lambda one: -one[1])
    found = _Pages(known).below("", range(len(known)), 0, None, True)
    return tuple(sorted(found, key=lambda one: (-one.pages, one.pattern)))


def propose(pages: Iterable[str]) -> tuple[str, ...]:
    """The groups of all proposals for pages that are seen equally often."""
    return tuple(dict.fromkeys(group for one in proposals((page, 1) for page in pages) for group in one.groups))


class _Pages:
    """Pages with their views, most viewed first, each by its number; a branch is a list of numbers."""

    def __init__(self, pages: Sequence[tuple[str, int]]) -> None:
        self.pages = pages
        self.parts = [page.split("/")[1:] for page, _ in pages]

    def below(
        self, prefix: str, branch: Sequence[int], depth: int, varying: Varying | None, root: bool
    ) -> Iterator[Proposal]:
        """Proposals below `prefix` of `depth` segments, one of which is `varying` already (None: none is)."""
        children: defaultdict[str, list[int]] = defaultdict(list)
        ended = []
        for n in branch:
            parts = self.parts[n]
            if len(parts) == depth:
                ended.append(n)
            else:
                children[parts[depth]].append(n)
        if varying is not None and len(ended) > 1:
            yield self._proposal(prefix, varying, ended)
        if len(children) == 1 and root and varying is None:
            [(head, within)] = children.items()
            yield from self.below(f"{prefix}/{head}", within, depth + 1, None, True)
            return
        kind, merged = self._merged(children, depth, root)
        for head, within in children.items():
            if head not in merged:
                yield from self.below(f"{prefix}/{head}", within, depth + 1, varying, False)
        if kind is None:
            return
        if varying == "date" and all(SHORT.fullmatch(head) for head in merged):
            kind = "date"
        within = sorted(n for head in merged for n in children[head])
        if len(merged) == len(children) and not root and self._end(within, depth + 1):
            yield self._proposal(f"{prefix}/*", kind, within)
            return
        pattern = f"{prefix}/:{LABELS[kind]}"
        apart = [
            f"{prefix}/{head}" for head, within in children.items()
            if head not in merged and any(len(self.parts[n]) == depth + 1 for n in within)
        ]  # fmt: skip
        for one in self.below(pattern, within, depth + 1, kind, kind == "language"):
            yield replace(one, apart=tuple(sorted(apart))) if one.pattern == pattern else one

    def _proposal(self, pattern: str, varying: Varying, branch: Sequence[int]) -> Proposal:
        examples = tuple(self.pages[n][0] for n in branch[:3])
        return Proposal(pattern, varying, len(branch), sum(self.pages[n][1] for n in branch), examples)

    def _end(self, branch: Iterable[int], depth: int) -> bool:
        return all(len(self.parts[n]) == depth for n in branch)

    def _next(self, branch: Iterable[int], depth: int) -> set[str]:
        return {parts[depth] for n in branch if len(parts := self.parts[n]) > depth}

    def _merged(self, children: Mapping[str, list[int]], depth: int, root: bool) -> tuple[Varying | None, set[str]]:
        """The segments that are one, and what they are; none of them where each is a place of its own."""
        if languages := self._languages(children, depth) if root else None:
            return "language", languages
        kinds = {head: kind for head in children if (kind := _kind(head))}
        if len([head for head in kinds if not SHORT.fullmatch(head)]) < FEW and len(kinds) < MANY:
            kinds = {}
        names = [head for head in children if head and head not in kinds]
        merged = set(kinds) | self._names(names, children, depth, root)
        if not merged:
            return None, merged
        often = Counter(kinds.get(head, "name") for head in merged)
        usual = max(often, key=lambda kind: (often[kind], kind))
        return ("number" if usual == "name" and kinds else usual), merged

    def _languages(self, children: Mapping[str, list[int]], depth: int) -> set[str]:
        """Segments that are languages, if two of them have a page in common."""
        found = {head for head in children if (told := LOCALE.fullmatch(head)) and told[1] in LANGUAGES}
        below = Counter(part for head in found for part in self._next(children[head], depth + 1) or {""})
        return found if len(found) > 1 and max(below.values()) > 1 else set()

    def _names(self, names: Sequence[str], children: Mapping[str, list[int]], depth: int, root: bool) -> set[str]:
        """Names that are one place: those of leaves, and those below which the same names are."""
        if len(names) >= LOTS:
            views = {name: sum(self.pages[n][1] for n in children[name]) for name in names}
            usual, whole = sorted(views.values())[len(names) // 2], sum(views.values())
            places = {name for name in names if views[name] > max(10 * usual, whole / 100)}
            return {name for name in names if name not in places and not (root and name.lower() in PLACES)}
        if root:
            return set()
        leaves = {name for name in names if self._end(children[name], depth + 1)}
        branches = set(names) - leaves
        below = Counter(part for name in branches for part in self._next(children[name], depth + 1))
        if not below or 2 * max(below.values()) < len(branches):
            branches = set()
        return {name for some in (leaves, branches) if len(some) >= MANY and not _places(some) for name in some}


def _kind(segment: str) -> Varying | None:
    return next((kind for kind, pattern in KINDS if pattern.fullmatch(segment)), None)


def _places(names: Collection[str]) -> bool:
    """Whether most of them are what parts of a product are called."""
    return 2 * sum(name.lower() in PLACES for name in names) >= len(names)


def ordered(groups: Iterable[AnyGroup]) -> tuple[AnyGroup, ...]:
    """In their order, each once; but one whose patterns all fit an earlier one comes before it, where it has effect."""
    found: list[AnyGroup] = []
    for group in dict.fromkeys(groups):
        hiding = (n for n, other in enumerate(found) if _within(group, other) and not _within(other, group))
        found.insert(next(hiding, len(found)), group)
    return tuple(found)


def _within(group: AnyGroup, other: AnyGroup) -> bool:
    some = [SEGMENT.sub("\0", pattern).replace("*", "\0/\0") for pattern in pages_of(group)]  # as no pattern names it
    return all(any(matches(page, pattern) for pattern in pages_of(other)) for page in some)


def named(item: str, groups: Sequence[AnyGroup]) -> str:
    """`item` as paths call it: the first group it matches, else itself."""
    for group in groups:
        if any(matches(item, pattern) for pattern in pages_of(group)):
            return name_of(group)
    return item


def matches(item: str, pattern: str) -> bool:
    """The whole of `item` against a glob, as `conditions.glob` asks it of a column."""
    return item == pattern if exact(pattern) else _compiled(pattern).fullmatch(item) is not None


@functools.lru_cache(4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(regex(pattern), re.DOTALL)


def section(item: str) -> str:
    """The part of the product an item belongs to: a page's first segment, anything else itself.

    `/checkout/done` and the group `/checkout/*` are `/checkout`.
    """
    if not item.startswith("/"):
        return item
    return "/" + item[1:].partition("/")[0].partition("*")[0]
