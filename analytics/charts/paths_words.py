"""The words of a picture of paths: what nodes and columns are called, what tooltips, answer, note and tables say."""

from collections import Counter
from collections.abc import Callable

from analytics import stats, words
from analytics.analyses.paths import HIDDEN, Paths
from analytics.charts.flow import Flow, Node, Stream
from analytics.charts.timeline import own
from analytics.conditions import Matcher

AGAIN = "⟳"  # on a stream to the same item
LONGEST = 24  # letters of a label; the tooltip has them all
NUMBERS = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth")
WORTH_A_MARK = 0.1  # share of returning sessions that the picture mentions
Said = Callable[[str], str]


def short(text: str, most: int = LONGEST) -> str:
    """A name cut in its middle: ways into a page often differ at their end."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most // 2]}…{text[len(text) - most // 2 + 1 :]}"


def called(item: str, level: str) -> str:
    """An item as a person says it: event names without underscores, and a site's root by what it is."""
    if item == HIDDEN:
        return "(in between)"
    if level == "event":
        return own(item)
    return "/ (home)" if item == "/" else item


def name(node: Node, params: Paths) -> str:
    """What a node is called: its item, "Other pages", "Left", "Began here"."""
    if node.kind in ("left", "began"):
        return "Left" if node.kind == "left" else "Began"
    if node.kind == "other":
        return "Other pages" if params.level == "page" else "Other events"
    return called(node.item or "", params.level)


def place(matcher: Matcher) -> str:
    """Where a path starts or ends, in words."""
    if isinstance(matcher.name, str) and matcher == Matcher(name=matcher.name):
        return own(matcher.name)
    return called(matcher.page, "page") if isinstance(matcher.page, str) and not matcher.where else matcher.label


def goal(params: Paths) -> str:
    """What converts, in words; empty for nothing."""
    return "" if params.goal is None else place(params.goal)


def head(depth: int, params: Paths) -> str:
    """What stands above a column."""
    if params.around is not None:
        away = depth - params.pivot
        if away:
            return f"{abs(away)} {'before' if away < 0 else 'after'}"
        return f"At {short(place(params.around))}"
    if depth > 1:
        return NUMBERS[depth - 1] if depth <= len(NUMBERS) else f"{depth}th"
    return "From here" if params.start else f"First {params.level} shown" if params.end else f"First {params.level}"


def unit(params: Paths) -> str:
    """What is counted: sessions, or occurrences where each of an event has a path of its own."""
    return "occurrence" if params.around is not None and params.occurrence == "every" else "session"


def many(drawn: Node | Stream, params: Paths) -> str:
    """How many paths: "1,200 sessions", "1,200 occurrences in 900 sessions"."""
    text = words.many(drawn.paths, unit(params))
    if drawn.sessions is None or unit(params) == "session":
        return text
    return f"{text} in {words.many(drawn.sessions, 'session')}"


def about(node: Node, flow: Flow) -> list[str]:
    """Who is at a node, where they came from and what becomes of them, in lines that add up."""
    number, level = many(node, flow.params), flow.params.level
    if node.kind == "left":
        return [f"{number} ended with the {level} before"]
    if node.kind == "began":
        return [f"{number} began with the {level} after"]
    lines = [f"{number}, {words.percent(node.paths / flow.paths)} of the paths"]
    if node.depth > 1 or not flow.params.whole:
        came = node.paths - node.began - node.earlier
        parts = [f"{words.count(came)} from the {level} before"] * bool(came)
        parts += [f"{words.count(node.began)} began here"] * bool(node.began)
        parts += [f"{words.count(node.earlier)} from earlier, not drawn"] * bool(node.earlier)
        lines.append(f"In: {', '.join(parts)}")
    onward = node.paths - node.left - node.cut
    parts = [f"{words.count(onward)} went on"] * bool(onward)
    parts += [f"{words.count(node.left)} left"] * bool(node.left)
    parts += [f"{words.count(node.cut)} go on beyond the picture"] * bool(node.cut)
    lines.append(f"Out: {', '.join(parts)}")
    if node.returning:
        lines.append(f"↺ {words.percent(node.returning / node.paths, 0)} had been here before")
    return [*lines, *_converted(node, flow)]


def between(stream: Stream, flow: Flow) -> list[str]:
    """Who takes a stream, in lines."""
    if stream.source.kind == "began":
        return [f"{many(stream, flow.params)} began here"]
    share = words.percent(stream.paths / stream.source.paths)
    lines = [f"{many(stream, flow.params)}, {share} of those at its start"]
    if again(stream):
        lines.append(f"the same {flow.params.level} again")
    if stream.mean_ms is not None:
        median = "" if stream.median_ms is None else f", half of them within {words.duration(stream.median_ms / 1000)}"
        lines.append(f"after {words.duration(stream.mean_ms / 1000)} on average{median}")
    return [*lines, *_converted(stream, flow)]


def _converted(drawn: Node | Stream, flow: Flow) -> list[str]:
    if drawn.goals is None or drawn.sessions is None:
        return []
    low, high = stats.wilson(drawn.goals, drawn.sessions)
    share = words.percent(drawn.goals / drawn.sessions)
    return [
        f"{words.count(drawn.goals)} of {words.count(drawn.sessions)} come to {short(goal(flow.params))} from here on: "
        f"{share} ({words.percent(low)} to {words.percent(high)})"
    ]


def again(stream: Stream) -> bool:
    """Whether it is the same item straight after itself."""
    return stream.source.item is not None and stream.source.item == stream.target.item


def conversion(drawn: Node | Stream) -> float | None:
    """The share of its sessions that meet the goal from there on; None where it is not known."""
    return None if drawn.goals is None or not drawn.sessions else drawn.goals / drawn.sessions


def title(drawn: Node | Stream, params: Paths, said: Said = str) -> str:
    """A node or a stream in words, names through `said`: "Second: /cart", "Second to third: /cart → /checkout"."""
    if isinstance(drawn, Node):
        if drawn.kind in ("left", "began"):
            depth, word = (drawn.depth - 1, "After") if drawn.kind == "left" else (drawn.depth + 1, "Before")
            return f"{word} {_column(depth, params, said)}: {said(name(drawn, params))}"
        return f"{_upper(_column(drawn.depth, params, said, ''))}: {said(name(drawn, params))}"
    places = (_column(node.depth, params, said, "") for node in (drawn.source, drawn.target))
    source, target = (said(name(node, params)) for node in (drawn.source, drawn.target))
    return f"{_upper(' to '.join(places))}: {source} → {target}"


def _column(depth: int, params: Paths, said: Said, the: str = "the ") -> str:
    text = head(depth, params)
    if params.around is None:
        return the + text[:1].lower() + text[1:]
    return text if depth != params.pivot else f"at {said(place(params.around))}"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def nothing(params: Paths, said: Said) -> str:
    """Why there is no path, in markdown."""
    if params.around is not None:
        return f"**No session** comes by {said(place(params.around))}. Choose something else, or leave out less."
    if params.start is not None and params.end is not None:
        return (
            f"**No session** goes from {said(place(params.start))} to {said(place(params.end))}. Choose another start "
            "or end, or leave out less."
        )
    if anchor := params.start or params.end:
        return f"**No session** comes by {said(place(anchor))}. Choose another start or end, or leave out less."
    return f"**No session** has {'a page' if params.level == 'page' else 'an event'} here. Leave out less."


def sentence(flow: Flow, said: Said) -> str:
    """What the picture shows, in markdown; names from data go through `said`."""
    params = flow.params
    if params.around is not None:
        return _around(flow, said)
    if params.end is not None:
        return _arrivals(flow, said)
    first = [node for node in flow.nodes if node.depth == 1]
    left = sum(node.left for node in first)
    share = words.percent(left / flow.paths)
    best = _widest(flow, 1, said)
    if params.start is not None:
        parts = [
            f"**{words.many(flow.sessions, 'session')}** come by **{said(place(params.start))}**; **{share}** end there"
        ]
        if best:
            stream, source, target = best
            parts.append(f"**{words.percent(stream.paths / flow.paths)}** go from {source} straight on to **{target}**")
        return f"{', and '.join(parts)}."
    noun = params.level
    text = f"**{share}** leave after their first {noun}."
    if best:
        stream, source, target = best
        text += (
            f" The widest way on is from **{source}** to **{target}**: **{words.many(stream.paths, 'session')}**, "
            f"{words.percent(stream.paths / stream.source.paths, 0)} of those that begin there."
        )
    back = max((node for node in flow.nodes if node.returning), key=lambda node: node.returning or 0, default=None)
    if noun == "page" and back and back.returning and back.returning / back.paths >= 0.3:
        again = words.percent(back.returning / back.paths, 0)
        which = head(back.depth, params).lower()
        at = said(short(name(back, params), 60))
        text += f" Of those whose {which} {noun} is {at}, **{again}** had been there before."
    return text


def _widest(flow: Flow, depth: int, said: Said) -> tuple[Stream, str, str] | None:
    """The widest stream between two items out of a column, and what its ends are called."""
    real = [s for s in flow.streams if s.source.depth == depth and s.source.kind == s.target.kind == "item"]
    if not real:
        return None
    widest = max(real, key=lambda stream: stream.paths)
    source, target = (said(short(name(node, flow.params), 60)) for node in (widest.source, widest.target))
    return widest, source, target


def _arrivals(flow: Flow, said: Said) -> str:
    """Of paths that end at an item: how many, and where the last step came from."""
    params = flow.params
    begun = f" from **{said(place(params.start))}**" if params.start else ""
    target = said(place(params.end)) if params.end else ""
    text = f"**{words.many(flow.sessions, 'session')}** come to **{target}**{begun}."
    onward = {stream.source for stream in flow.streams if stream.target.kind != "left"}
    last: Counter[str] = Counter()
    for stream in flow.streams:
        if stream.target.kind == "item" and stream.target not in onward and stream.source.kind == "item":
            last[said(short(name(stream.source, params), 60))] += stream.paths
    if last:
        ((source, paths),) = last.most_common(1)
        text += f" **{words.percent(paths / flow.paths, 0)}** of them come straight from **{source}**."
    return text


def _around(flow: Flow, said: Said) -> str:
    """Before and after an event: how many, where they come from, what they do next."""
    params = flow.params
    at = said(short(place(params.around), 60)) if params.around else ""
    pivot = [node for node in flow.nodes if node.depth == params.pivot and node.kind in ("item", "other")]
    which = {"first": "for the first time", "last": "for the last time", "every": ""}[params.occurrence]
    sessions = words.many(flow.sessions, "session")
    text = f"**{sessions}** come by **{at}**. Seen {which} there,"
    if unit(params) != "session":
        verb = "is seen" if params.level == "page" and params.around and params.around.page else "happens"
        text = f"**{at}** {verb} **{words.many(flow.paths, 'time')}** in {sessions}. Each time,"
    came, went = (_streams(flow, depth, said) for depth in (params.pivot - 1, params.pivot))
    parts = []
    began = sum(node.began for node in pivot)
    if began and params.before:
        parts.append(f"**{words.percent(began / flow.paths)}** begin with it")
    if came:
        item, paths = came.most_common(1)[0]
        parts.append(f"**{words.percent(paths / flow.paths)}** come from **{item}**")
    if went:
        item, paths = went.most_common(1)[0]
        parts.append(f"**{words.percent(paths / flow.paths)}** go on to **{item}**")
    left = sum(node.left for node in pivot)
    parts.append(f"**{words.percent(left / flow.paths)}** end there")
    return f"{text} {words.listed(parts)}."


def _streams(flow: Flow, depth: int, said: Said) -> Counter[str]:
    """Into or out of the middle column by the other end of its streams: that before it for `depth` = its own - 1."""
    found: Counter[str] = Counter()
    for stream in flow.streams:
        node = stream.source if depth < flow.params.pivot else stream.target
        if stream.source.depth == depth and node.kind == "item":
            found[said(short(name(node, flow.params), 60))] += stream.paths
    return found


def note(flow: Flow) -> str:
    """What is drawn together, and how the picture adds up."""
    noun = flow.params.level
    text = "In every column, those who arrive go on, leave, or go on beyond the picture."
    if flow.params.around is not None:
        text = (
            "In every column, those who arrive or begin there go on, leave, or go on beyond the picture; what came "
            "before the first column is not drawn."
        )
    if not flow.folded:
        return f"{text} Every {noun} of these paths is drawn."
    folded = f"{words.count(flow.folded)} of {words.count(flow.items)} {noun}s of these paths"
    return f"{text} The rarest of each column are drawn as one: {folded} ({words.percent(flow.folded / flow.items)})."


def table(flow: Flow) -> list[dict[str, object]]:
    """What is drawn as rows for a file: every stream with its place, its paths, its times and who meets the goal."""
    return [
        {
            "place": stream.source.depth,
            "from": name(stream.source, flow.params),
            "to": name(stream.target, flow.params),
            "sessions": stream.sessions,
            "share_of_from": round(stream.paths / stream.source.paths, 6),
            "mean_seconds": None if stream.mean_ms is None else round(stream.mean_ms / 1000, 3),
        }
        | ({} if flow.params.occurrence != "every" else {"occurrences": stream.paths})
        | ({} if not flow.params.medians else {"median_seconds": _seconds(stream.median_ms)})
        | ({} if flow.params.goal is None else {"met_goal": stream.goals})
        for stream in flow.streams
    ]


def _seconds(ms: float | None) -> float | None:
    return None if ms is None else round(ms / 1000, 3)


def links(flow: Flow) -> list[dict[str, str | int]]:
    """The streams as a table to be read, the widest first."""
    noun = f"{unit(flow.params)}s".capitalize()
    rows: list[dict[str, str | int]] = []
    for stream in sorted(flow.streams, key=lambda stream: -stream.paths):
        row: dict[str, str | int] = {
            "Place": f"{head(stream.source.depth, flow.params)} → {head(stream.target.depth, flow.params)}",
            "From": name(stream.source, flow.params),
            "To": name(stream.target, flow.params),
            noun: stream.paths,
            "Share of from": words.percent(stream.paths / stream.source.paths),
            "Mean time": "–" if stream.mean_ms is None else words.duration(stream.mean_ms / 1000),
        }
        if flow.params.medians:
            row["Median time"] = "–" if stream.median_ms is None else words.duration(stream.median_ms / 1000)
        if flow.params.goal is not None:
            row |= {"Converted": "–", "Rate, 95 % interval": "–"} | _of(stream)
        rows.append(row)
    return rows


def _of(stream: Stream) -> dict[str, str | int]:
    if stream.goals is None or not stream.sessions:
        return {}
    low, high = stats.wilson(stream.goals, stream.sessions)
    share = words.percent(stream.goals / stream.sessions)
    return {
        "Converted": f"{words.count(stream.goals)} of {words.count(stream.sessions)}",
        "Rate, 95 % interval": f"{share} ({100 * low:.1f} to {100 * high:.1f})",
    }


def balance(flow: Flow) -> list[dict[str, str | int]]:
    """In, out and left of every item's node; the first three figures add up to the fourth, and so do the last three."""
    return [
        {
            "Place": head(node.depth, flow.params),
            "Item": name(node, flow.params),
            "From before": node.paths - node.began - node.earlier,
            "Began here": node.began,
            "Earlier, not drawn": node.earlier,
            "All": node.paths,
            "Went on": node.paths - node.left - node.cut,
            "Left": node.left,
            "Beyond the picture": node.cut,
        }
        for node in flow.nodes
        if node.kind in ("item", "other")
    ]
