"""`python -m benchmarks`: makes events, imports them, asks, compares, prints tables; see README.md beside it."""

import argparse
import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import measure, questions, report

HOME = Path(__file__).resolve().parent.parent
MADE = "v1"  # counts up when generate.py makes other events: files of before are not taken for new ones
PEERS = ("clickhouse", "retentioneering")


class PartError(Exception):
    """A part did not come to its end; the message is its last words."""


def main() -> int:
    given = _arguments()
    folder: Path = given.folder
    folder.mkdir(parents=True, exist_ok=True)
    events = folder / f"events-{given.events}-seed{given.seed}-{MADE}.parquet"
    store = folder / f"store-{given.events}-seed{given.seed}-{MADE}.duckdb"
    scratch = folder / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    (scratch / "prepared").mkdir(parents=True)
    run: dict[str, Any] = {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": measure.machine(),
        "events": given.events,
        "seed": given.seed,
        "times": given.times,
    }
    try:
        if not events.exists():
            _say(f"making {given.events:,} events, once")
            _child(sys.executable, "generate", events=events, count=given.events, seed=given.seed)
        if not (given.reuse and store.exists()):
            _import(run, events, store, scratch)
        _say("asking Sessionscope")
        run["ours"] = _child(sys.executable, "ask", store=store, times=given.times)
        asked = [name for name in PEERS if name not in given.without]
        if asked:
            _child(sys.executable, "export", store=store, prepared=scratch / "prepared")
        for name in asked:
            _say(f"asking {name}")
            try:
                raw = {"events": events} if name == "clickhouse" and "load" in run else {}
                prepared = scratch / "prepared"
                run[name] = _child(given.peer_python, name, prepared=prepared, folder=scratch, times=given.times, **raw)
            except PartError as failure:
                run[name] = f"did not answer: {failure}"
                _say(f"{name} did not answer: {failure}")
    except PartError as failure:
        print(f"The benchmark stopped: {failure}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    _compare(run)
    text = report.markdown(run)
    (folder / "results.json").write_text(json.dumps(run, indent=1), encoding="utf-8")
    (folder / "results.md").write_text(text, encoding="utf-8")
    print(text)
    print(f"Written to {folder / 'results.md'} and {folder / 'results.json'}; the events and the store stay there.")
    return 1 if run["unequal"] else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--events", type=int, default=20_000_000, help="in a tenth as many sessions (default 20000000)")
    parser.add_argument("--seed", type=int, default=1, help="of the made-up events (default 1)")
    parser.add_argument("--times", type=int, default=5, help="warm runs of a question; the median counts (default 5)")
    parser.add_argument("--reuse", action="store_true", help="ask the store of the run before; no import, no floor")
    parser.add_argument("--without", action="append", default=[], choices=PEERS, help="not asked; repeatable")
    parser.add_argument(
        "--peer-python", default=sys.executable, metavar="PYTHON", help="an interpreter with chdb and retentioneering"
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path(os.environ.get("SESSIONSCOPE_BENCH") or Path(tempfile.gettempdir()) / "sessionscope-bench"),
        help="for events, stores and results (default $SESSIONSCOPE_BENCH, else a temporary folder)",
    )
    given = parser.parse_args()
    if given.events < 1_000 or given.times < 1:
        parser.error("at least 1,000 events and one time are needed")
    return given


def _import(run: dict[str, Any], events: Path, store: Path, scratch: Path) -> None:
    for old in (store, store.with_name(store.name + ".wal")):
        old.unlink(missing_ok=True)
    with events.open("rb") as file:  # nobody pays for the first reading from the disk
        while file.read(1 << 22):
            pass
    _say("the floor: read, sort, write")
    floor = {
        "write": _child(sys.executable, "floor", events=events, folder=scratch, sort=False),
        "sort": _child(sys.executable, "floor", events=events, folder=scratch, sort=True),
    }
    _say("the import")
    run["load"] = _child(sys.executable, "load", events=events, store=store)
    _say("the floor again")
    floor["again"] = _child(sys.executable, "floor", events=events, folder=scratch, sort=True)
    run["floor"] = floor
    _say("appending, taking back, texts")
    run["growing"] = _child(sys.executable, "growing", events=events, store=store, folder=scratch)


def _child(python: str, task: str, **given: object) -> Any:
    """Runs a part and gives what it found."""
    values = json.dumps({name: str(value) if isinstance(value, Path) else value for name, value in given.items()})
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        command = [python, "-m", "benchmarks.child", task, values, str(answer)]
        ended = subprocess.run(command, cwd=HOME, stderr=subprocess.PIPE, text=True, check=False)
        if ended.returncode or not answer.exists():
            words = [line for line in ended.stderr.splitlines() if line.strip() and not line.startswith("nanobind")]
            raise PartError(f"{task}: {words[-1] if words else f'ended with {ended.returncode}'}")
        return json.loads(answer.read_text(encoding="utf-8"))


def _compare(run: dict[str, Any]) -> None:
    """Takes the answers out of the run and leaves what is unequal."""
    run["compared"], run["unequal"] = 0, []
    for engine, title in report.ENGINES.items():
        for name, slices in report.sides(run, engine).items():
            for one, theirs in slices.items():
                wrong = questions.differences(run["ours"][name][one]["answer"], theirs["answer"])
                run["compared"] += 1
                run["unequal"] += [f"{title}, {name} over {one}: {line}" for line in wrong]
    for asked in (run["ours"], *(report.sides(run, engine) for engine in report.ENGINES)):
        for slices in asked.values():
            for one in slices.values():
                one["answer"] = len(one["answer"])  # how many keys it has


def _say(words: str) -> None:
    print(f"{dt.datetime.now():%H:%M:%S} {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
