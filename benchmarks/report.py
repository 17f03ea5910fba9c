"""The run as tables in Markdown, the same on the terminal and in the file."""

from typing import Any

from benchmarks import questions

ENGINES = {
    "tables": "ClickHouse, our tables",
    "events": "ClickHouse, events alone",
    "retentioneering": "retentioneering",
}
FLOOR_TIMES, QUESTION_S, PEAK_MB = 2.0, 1.0, 4_000  # the aims


def markdown(run: dict[str, Any]) -> str:
    """`run` is what `results.json` holds."""
    machine = run["machine"]
    lines = [
        f"# Benchmark, {run['events']:,} events",
        "",
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}, "
        f"Python {machine['python']}, load {machine['load']} at the start; seed {run['seed']}, {run['date']}.",
        "",
        *_import(run),
        "",
        *_questions(run),
        "",
        *_memory(run),
        "",
        *_verdict(run),
    ]
    return "\n".join(lines) + "\n"


def _import(run: dict[str, Any]) -> list[str]:
    if "load" not in run:
        return ["Import: not in this run (the store of an earlier one was asked)."]
    floor, load = run["floor"], run["load"]
    rows = [
        ("floor: read, write", floor["write"]),
        ("floor: read, sort by session and time, write", floor["sort"]),
        ("the same again, after the import", floor["again"]),
        ("**Sessionscope: everything prepared**", load),
    ]
    clickhouse = run.get("clickhouse")
    if isinstance(clickhouse, dict):
        raw = {"rows": load["rows"], **clickhouse["raw"]}
        rows.append(("ClickHouse: the file into a table by session and time", raw))
        made = {"rows": load["rows"], **clickhouse["made"]}
        rows.append(("ClickHouse: events, visits, clicks, sessions made from the file", made))
    table = [
        (name, f"{one['rows']:,}", _s(one["seconds"]), _s(one["cpu_s"]), _rate(one), _mb(one["peak_mb"]))
        for name, one in rows
    ]
    told = load["report"]
    return [
        *_table(("import", "rows", "wall", "CPU", "rows", "peak memory"), table, right=5),
        "",
        f"{told['events_added']:,} events added, {told['duplicates']:,} repeats left out, {told['rejected']:,} "
        f"rejected; {told['sessions']:,} sessions, {told['users']:,} people. "
        f"The import takes {times_floor(run):.2f} times the floor.",
        *_growing(run),
    ]


def _growing(run: dict[str, Any]) -> list[str]:
    rows = [
        (
            name,
            f"{one['rows']:,}",
            _s(one["seconds"]),
            _s(one["cpu_s"]),
            _rate(one),
            _mb(one["peak_mb"]),
            _share(run, one),
        )
        for name, one in run.get("growing", {}).items()
    ]
    head = ("what more costs", "rows", "wall", "CPU", "rows", "peak memory", "of the import above")
    return ["", *_table(head, rows, right=6)] if rows else []


def _share(run: dict[str, Any], one: dict[str, Any]) -> str:
    return f"{100 * one['seconds'] / run['load']['seconds']:.1f} %"


def times_floor(run: dict[str, Any]) -> float:
    """The import's time over the floor's, the mean of the one before and the one after."""
    floor = (run["floor"]["sort"]["seconds"] + run["floor"]["again"]["seconds"]) / 2
    return float(run["load"]["seconds"] / floor)


def _questions(run: dict[str, Any]) -> list[str]:
    engines = [name for name in ENGINES if sides(run, name)]
    rows = []
    for name in questions.QUESTIONS:
        for one in questions.SLICES:
            ours = run["ours"][name][one.name]
            cells = [name, one.words, f"**{_ms(ours['seconds'])}**", _ms(ours["first_s"])]
            for engine in engines:
                theirs = sides(run, engine).get(name, {}).get(one.name)
                ratio = theirs["seconds"] / ours["seconds"] if theirs else 0
                cells.append(f"{_ms(theirs['seconds'])} (× {ratio:.1f})" if theirs else "")
            rows.append(tuple(cells))
    head = ("question", "over", "Sessionscope", "first time", *(ENGINES[name] for name in engines))
    notes = [
        "",
        f"Median of {run['times']}, warm, in milliseconds; in brackets how many times as long as Sessionscope.",
    ]
    for name in ("clickhouse", "retentioneering"):
        if isinstance(run.get(name), str):  # why it did not answer
            notes += ["", f"{name} {run[name]}."]
    return [*_table(head, rows, right=2 + len(engines)), *notes]


def _memory(run: dict[str, Any]) -> list[str]:
    sides_of = {"Sessionscope": run["ours"], **{ENGINES[name]: sides(run, name) for name in ENGINES}}
    rows = []
    for engine, asked in sides_of.items():
        if asked:
            most = {name: max(one["peak_mb"] for one in slices.values()) for name, slices in asked.items()}
            rows.append((engine, *(_mb(most[name]) if name in most else "" for name in questions.QUESTIONS)))
    return _table(("peak memory, MB", *questions.QUESTIONS), rows, right=len(questions.QUESTIONS))


def _verdict(run: dict[str, Any]) -> list[str]:
    asked = [
        (one["seconds"], f"{name}, {part}") for name, slices in run["ours"].items() for part, one in slices.items()
    ]
    slowest, which = max(asked)
    peaks = [one["peak_mb"] for slices in run["ours"].values() for one in slices.values()]
    peak = max([*peaks, run["load"]["peak_mb"]] if "load" in run else peaks)
    lines = ["| aim, of 20 million events on two cores | found | |", "| --- | --- | --- |"]
    if "load" in run:
        times = times_floor(run)
        lines.append(_aim(f"import at most {FLOOR_TIMES} times the floor", f"{times:.2f}", times <= FLOOR_TIMES))
    lines.append(_aim(f"every question under {QUESTION_S:.0f} s", f"{slowest:.2f} s ({which})", slowest < QUESTION_S))
    lines.append(_aim(f"peak memory under {PEAK_MB / 1000:.0f} GB", f"{peak / 1000:.1f} GB", peak < PEAK_MB))
    unequal = run["unequal"]
    if run["compared"]:
        lines.append(_aim("equal answers", f"{run['compared']} answers compared, {len(unequal)} unequal", not unequal))
    lines += ["", *(f"- {line}" for line in unequal)] if unequal else []
    return lines


def _aim(aim: str, found: str, reached: bool) -> str:
    return f"| {aim} | {found} | {'reached' if reached else 'not reached'} |"


def sides(run: dict[str, Any], engine: str) -> dict[str, Any]:
    """What an engine of `ENGINES` answered, by question and slice; empty when it was not asked or failed."""
    found = run.get("retentioneering" if engine == "retentioneering" else "clickhouse")
    if not isinstance(found, dict):
        return {}
    return found["tables" if engine == "retentioneering" else engine]  # type: ignore[no-any-return]


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]], right: int) -> list[str]:
    """Columns as wide as their widest cell; the last `right` ones flush right."""
    widths = [max(len(row[n]) for row in [head, *rows]) for n in range(len(head))]
    left = len(head) - right

    def line(cells: tuple[str, ...]) -> str:
        pairs = enumerate(zip(cells, widths, strict=True))
        return (
            "| " + " | ".join(cell.ljust(width) if n < left else cell.rjust(width) for n, (cell, width) in pairs) + " |"
        )

    rule = ["-" * width if n < left else "-" * (width - 1) + ":" for n, width in enumerate(widths)]
    return [line(head), "| " + " | ".join(rule) + " |", *map(line, rows)]


def _rate(one: dict[str, Any]) -> str:
    return f"{one['rows'] / one['seconds'] / 1e6:.2f} M/s"


def _s(seconds: float) -> str:
    return f"{seconds:.1f} s"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f}"


def _mb(megabytes: float) -> str:
    return f"{megabytes:,.0f}"
