"""A pattern asked of sessions kept as strings, one character per event (`name_string`) or page (`page_string`).

A pattern of nothing but exact names in their order is a LIKE; with alternatives, repeats or `!` it is one regular
expression, after each name's character has been translated to a letter that is known beforehand. What a string cannot
say (times, wildcards, filters, the other level) is left out: then the test is one that every match passes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from analytics.conditions import Condition
from analytics.patterns.syntax import Atom, Kind, Pattern

SYMBOL = "(SELECT max(symbol) FROM codes WHERE kind = '{kind}' AND value = ${value})"
# What names become for a regular expression; no symbol of `codes` is one of these
LETTERS = "".join(map(chr, [*range(0x3B1, 0x3CA), *range(0x430, 0x450)]))  # Greek and Cyrillic, which SQL can show
COLUMNS: dict[Kind, tuple[str, str]] = {"event": ("name_string", "name"), "page": ("page_string", "page")}


@dataclass(frozen=True)
class _Piece:
    """A step as a string shows it: `names` of None are any; `gap` None is any text before it, else none of these."""

    names: frozenset[str] | None
    least: int
    most: int | None
    gap: frozenset[str] | None
    directly: bool
    end: bool = False


@dataclass
class _Seen:
    """What one string shows of a pattern. `exact`: the string decides."""

    kind: Kind
    anchored: bool = False
    exact: bool = True
    pieces: list[_Piece] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        found: dict[str, None] = {}
        for piece in self.pieces:
            found |= dict.fromkeys(sorted((piece.names or frozenset()) | (piece.gap or frozenset())))
        return list(found)


def string_tests(pattern: Pattern, prefix: str) -> tuple[list[Condition], bool]:
    """Conditions over one row of `sessions`, and whether together they decide; values begin with `prefix`."""
    conditions: list[Condition] = []
    exact = False
    for kind in COLUMNS:
        seen = _seen(pattern, kind)
        exact = exact or (seen.exact and len(seen.names) <= len(LETTERS))
        if seen.exact or (seen.names and len(seen.names) <= len(LETTERS)):
            conditions += _tests(seen, prefix)
    return conditions, exact


@dataclass(frozen=True)
class Spelling:
    """How the strings of sessions say where the first match is. `text` is over one row of `sessions`.

    The match ends with the part that `first_end` finds of the text; within that it begins behind what the first group
    of `latest_begin` finds. Both count the characters, which are events or pages.
    """

    kind: Kind
    text: Condition
    first_end: str
    latest_begin: str


def spelling(pattern: Pattern, prefix: str) -> Spelling | None:
    """None where the strings do not decide."""
    for kind in COLUMNS:
        seen = _seen(pattern, kind)
        if seen.exact and len(seen.names) <= len(LETTERS):
            to_the_end = "" if not pattern.steps[-1].choice else "$"
            latest = f"^(.*){_regex(seen).removeprefix('^')}{to_the_end}"
            return Spelling(kind, _spelled(seen, prefix), _regex(seen, first_end=True), latest)
    return None


def _seen(pattern: Pattern, kind: Kind) -> _Seen:
    seen = _Seen(kind, anchored=pattern.from_start, exact=not pattern.spans)
    whole = True  # nothing has been left out since the piece before
    for n, step in enumerate(pattern.steps):
        if step.timed:
            seen.exact = False
        of_this = pattern.kind(n) == kind and all(atom.kind == kind for atom in step.choice)
        if not of_this:
            seen.exact = whole = False
            continue
        names, sure = _names(step.choice)
        gap, gap_sure = _names(step.without)
        if step.without and not (gap_sure and all(atom.kind == kind for atom in step.without)):
            gap, seen.exact = frozenset(), False
        seen.exact = seen.exact and sure
        if n == 0 and not pattern.from_start:
            whole = False  # anything may stand before the first step
        seen.anchored = seen.anchored and (whole or bool(seen.pieces))
        gap = gap if whole else frozenset()
        directly = step.directly and whole
        if step.choice or directly or gap is None or gap:
            seen.pieces.append(_Piece(names, step.least, step.most, gap, directly, end=not step.choice))
        whole = True
    if not seen.pieces:
        seen.anchored = False
    return seen


def _names(atoms: Sequence[Atom]) -> tuple[frozenset[str] | None, bool]:
    """The exact names of these, None for any; and whether that says all of them."""
    if not atoms:
        return frozenset(), True
    plain = all(atom.where is None for atom in atoms)
    everything = [atom for atom in atoms if atom.of == "any" or (atom.name is not None and atom.name.anything)]
    if everything and all(atom.of != "element" and atom.where is None for atom in everything):
        return None, True
    if not all(atom.of in ("event", "page") and atom.name is not None and atom.name.exact for atom in atoms):
        return None, False
    return frozenset(atom.name.pieces[0] for atom in atoms if atom.name), plain


def _tests(seen: _Seen, prefix: str) -> Iterator[Condition]:
    column, kind = COLUMNS[seen.kind]
    names = seen.names
    values = {name: f"{prefix}_{kind}_{n}" for n, name in enumerate(names, 1)}
    symbols = {name: SYMBOL.format(kind=kind, value=value) for name, value in values.items()}
    needed = [next(iter(piece.names)) for piece in seen.pieces if piece.names and len(piece.names) == 1]
    sure = all(
        (piece.gap is not None and not piece.gap)
        and (piece.end or ((piece.names is None or len(piece.names) == 1) and piece.least == piece.most))
        for piece in seen.pieces
    )
    params: dict[str, object] = {values[name]: name for name in dict.fromkeys(needed)}
    if needed or sure:
        yield Condition(f"coalesce({column}, '') LIKE {_like(seen, symbols)}", params, "")
    if not sure:
        text = _spelled(seen, prefix)
        regex = f"{prefix}_{kind}_regex"
        found = {value: name for value, name in text.params.items() if value not in params}
        found[regex] = _regex(seen)
        yield Condition(f"regexp_matches({text.sql}, ${regex})", found, "")


def _spelled(seen: _Seen, prefix: str) -> Condition:
    """A session's string with a letter of ours for each name of the pattern; a name that no event has stays out."""
    column, kind = COLUMNS[seen.kind]
    names = seen.names
    values = [f"{prefix}_{kind}_{n}" for n in range(1, len(names) + 1)]
    text = f"coalesce({column}, '')"
    if names:
        known = [
            f"coalesce({SYMBOL.format(kind=kind, value=value)}, '{letter}')"
            for value, letter in zip(values, LETTERS, strict=False)
        ]
        text = f"translate({text}, {' || '.join(known)}, '{LETTERS[: len(names)]}')"
    return Condition(text, dict(zip(values, names, strict=True)), "")


def _like(seen: _Seen, symbols: dict[str, str]) -> str:
    """The pattern without what LIKE cannot say: alternatives, none-ofs and open repeats."""
    parts: list[str] = []
    text = ""
    open_before = not seen.anchored
    for piece in seen.pieces:
        tight = piece.directly and not open_before
        text += "" if tight else "%"
        if piece.end:
            return _joined([*parts, text])
        if piece.names is not None and len(piece.names) == 1:
            symbol = symbols[next(iter(piece.names))]
            parts += [text, symbol if piece.least == 1 else f"repeat({symbol}, {piece.least})"]
            text = ""
        else:
            text += "_" * piece.least
        open_before = piece.least != piece.most
    return _joined([*parts, text + "%"])


def _joined(parts: Sequence[str]) -> str:
    texts: list[str] = []
    for part in parts:
        if part.startswith(("(", "repeat(")):
            texts.append(part)
        elif part:
            texts.append(f"'{part}'")
    return "(" + " || ".join(texts or ["''"]) + ")"


def _regex(seen: _Seen, first_end: bool = False) -> str:
    """`first_end`: of the whole text up to where the match that ends first does so, with nothing longer than it must.

    Gaps and runs are then as short as they can be, from the first to the last: that the match that begins first, then
    takes the first second part, and so on, also ends first follows as in steps.py, read from the other side.
    """
    letters = dict(zip(seen.names, LETTERS, strict=False))
    short = "?" if first_end else ""
    found = "^" if seen.anchored else "^.*?" if first_end else ""
    for n, piece in enumerate(seen.pieces):
        if piece.gap is None:
            pass  # none of anything lies in between
        elif piece.gap:
            found += f"[^{_letters(piece.gap, letters)}]*{short}"
        elif not piece.directly and (n > 0 or seen.anchored):
            found += f".*{short}"
        if piece.end:
            return found + "$"
        found += "." if piece.names is None else f"[{_letters(piece.names, letters)}]"
        if (piece.least, piece.most) != (1, 1):
            found += f"{{{piece.least},{'' if piece.most is None else piece.most}}}{short}"
    return found


def _letters(names: frozenset[str], letters: dict[str, str]) -> str:
    return "".join(sorted(letters[name] for name in names))
