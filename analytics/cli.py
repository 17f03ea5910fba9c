"""The command line: `sessionscope run`, `import`, `ask`, `list`, `rezone`, `forget`, `player`. What scripts depend on.

With `--json` (or `--format json`) standard output holds one JSON document and nothing else. Exit code 0 on success, 2
for a mistake of the caller's (one sentence on standard error), 1 for anything else.
"""

import argparse
import csv
import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from analytics import ingest, recordings_player, registry
from analytics.errors import AnalyticsError, InvalidQuestion, UnreadableSource
from analytics.ingest.forget import KINDS
from analytics.ingest.rules import RULES, USUAL
from analytics.store import DuckStore, Store
from analytics.workspace import groups, segments

T = TypeVar("T")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code."""
    try:
        options = _parser().parse_args(arguments)
        return int(options.command(options) or 0)
    except AnalyticsError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        print("Stopped; the store is as it was.", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sessionscope", description="Session analytics on your own machine.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="open the app in the browser")
    run.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files to import first")
    run.add_argument("--store", type=Path, help="the store's file (default: your own, in your data folder)")
    run.add_argument("--port", type=int, help="port on localhost (default: 8501, or the next free one)")
    run.add_argument("--demo", action="store_true", help="the sample shop, in a store of its own")
    run.add_argument(
        "--data-dir", type=Path, action="append", default=[], metavar="DIR", help="a folder the import page may offer"
    )
    run.add_argument("--no-browser", action="store_true", help="do not open a browser")
    run.set_defaults(command=_run)

    load = commands.add_parser("import", help="read event files into a store")
    load.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="file, folder, archive, pattern ('day/**/*.gz'), https://... or s3://...",
    )
    load.add_argument("--store", type=Path, required=True)
    _import_options(load)
    load.add_argument("--json", action="store_true", help="the report as JSON on standard output")
    load.set_defaults(command=_import)

    ask = commands.add_parser("ask", help="ask one question of a store")
    ask.add_argument("analysis", metavar="ANALYSIS", help="see 'sessionscope list'")
    ask.add_argument("--store", type=Path, required=True)
    ask.add_argument("--scope", default="{}", metavar="JSON|@FILE", help="which sessions (default: all)")
    ask.add_argument("--params", default="{}", metavar="JSON|@FILE", help="the analysis's parameters")
    ask.add_argument("--format", choices=("json", "csv", "sql"), default="json")
    ask.set_defaults(command=_ask)

    listing = commands.add_parser("list", help="every analysis, with its parameters")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(command=_list)

    rezone = commands.add_parser("rezone", help="cut a store's days, weeks and hours in another zone")
    rezone.add_argument("zone", metavar="ZONE", help="such as Europe/Berlin")
    rezone.add_argument("--store", type=Path, required=True)
    rezone.add_argument("--json", action="store_true")
    rezone.set_defaults(command=_rezone)

    forget = commands.add_parser("forget", help="take a person out of a store, with everything that is theirs")
    forget.add_argument("user", metavar="USER", help="a user id or an anonymous id, as the exports have it")
    forget.add_argument("--store", type=Path, required=True)
    forget.add_argument("--kind", choices=tuple(KINDS), help="what USER is, where it is more than one")
    forget.add_argument("--json", action="store_true")
    forget.set_defaults(command=_forget)

    player = commands.add_parser("player", help="rrweb's player of recorded pages: install, status, remove")
    player.add_argument("what", choices=("install", "status", "remove"))
    player.add_argument(
        "--from", dest="archive", type=Path, metavar="FILE.tgz", help="install from npm's archive, without a network"
    )
    player.set_defaults(command=_player)
    return parser


def _import_options(parser: argparse.ArgumentParser) -> None:
    default = ingest.Options()
    parser.add_argument("--format", metavar="NAME", help="the files' format (default: found by looking at them)")
    parser.add_argument("--map", type=_pair, action="append", default=[], metavar="FIELD=COLUMN")
    parser.add_argument("--set", type=_pair, action="append", default=[], metavar="FIELD=TEXT")
    parser.add_argument("--rename", type=_pair, action="append", default=[], metavar="OLD=NEW", help="event names")
    parser.add_argument("--timezone", default=default.timezone, help="of times that carry none (default: %(default)s)")
    parser.add_argument(
        "--session-timeout", type=ingest.seconds, metavar="30m", help="default: the store's, at first 30m"
    )
    parser.add_argument(
        "--reporting-zone", metavar="ZONE", help="where the store's days are cut; given with the first import"
    )
    parser.add_argument("--source", metavar="NAME", help="where the files come from (default: the format's name)")
    parser.add_argument("--dedupe", choices=("none", "exact"), default=default.dedupe)
    parser.add_argument(
        "--redact", type=_rule, action="append", default=[], metavar="RULE",
        help=f"take this out before anything is stored, now and in later imports: {', '.join(RULES)} "
        f"(at first: {', '.join(USUAL)})",
    )  # fmt: skip
    parser.add_argument(
        "--keep", type=_rule, action="append", default=[], metavar="RULE", help="a rule of --redact to switch off"
    )
    parser.add_argument("--bring-back", action="store_true", help="take in people whom the store was asked to forget")
    parser.add_argument("--skip-unreadable", action="store_true", help="leave out files that cannot be read")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    return name, value


def _rule(text: str) -> str:
    if text not in RULES:
        raise argparse.ArgumentTypeError(f"{text!r} is no rule; the rules are {', '.join(RULES)}")
    return text


def _options(given: argparse.Namespace) -> ingest.Options:
    return ingest.Options(
        format=given.format,
        mapping=dict(given.map),
        constants=dict(given.set),
        renames=dict(given.rename),
        timezone=given.timezone,
        session_timeout_s=given.session_timeout,
        reporting_zone=given.reporting_zone,
        source=given.source,
        dedupe=given.dedupe,
        skip_unreadable=given.skip_unreadable,
        redact={rule: on for rules, on in ((given.redact, True), (given.keep, False)) for rule in rules},
        bring_back=given.bring_back,
    )


def _run(options: argparse.Namespace) -> int:
    from analytics import serve  # the server's libraries are slow to load, and only this command needs them

    return serve.command(
        paths=options.paths,
        store=options.store,
        port=options.port,
        demo=options.demo,
        data_dirs=options.data_dir,
        browser=not options.no_browser,
        progress=_progress,
    )


def _import(options: argparse.Namespace) -> None:
    report = _load(options.store, options.paths, _options(options))
    if options.json:
        _write_json(report.to_json())
    else:
        print(report.text())


def _load(path: Path, files: Sequence[str], options: ingest.Options) -> ingest.Report:
    path.parent.mkdir(parents=True, exist_ok=True)
    store = DuckStore.open(path)
    try:
        return ingest.load(store, files, options, progress=_progress)
    finally:
        store.close()


def _progress(progress: ingest.Progress) -> None:
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns - 1
        line = progress.text() if progress.share < 1 else ""  # the report takes its place
        print(f"\r{line[:width]:<{width}}\r", end="", file=sys.stderr, flush=True)


def _rezone(options: argparse.Namespace) -> None:
    with _writing(options.store) as store:
        rezoned = ingest.rezone(store, options.zone, progress=_progress)
    _say(options, rezoned)


def _forget(options: argparse.Namespace) -> None:
    with _writing(options.store) as store:
        forgotten = ingest.forget(store, options.user, kind=options.kind, progress=_progress)
    _say(options, forgotten)


def _say(options: argparse.Namespace, done: ingest.Rezoned | ingest.Forgotten) -> None:
    if options.json:
        _write_json(asdict(done))
    else:
        print(done.text())


@contextmanager
def _writing(path: Path) -> Iterator[DuckStore]:
    """A store that is there; none is made."""
    if not path.exists():
        raise UnreadableSource(f"There is no store at {path}; 'sessionscope import FILE --store {path}' makes one.")
    store = DuckStore.open(path)
    try:
        yield store
    finally:
        store.close()


def _ask(options: argparse.Namespace) -> None:
    module = registry.analysis(options.analysis)
    params = registry.params(module, _text(options.params))
    scope = registry.scope(_text(options.scope))
    params, scope = segments.resolved((params, scope), lambda: _known(options.store, segments.known))
    params = groups.resolved(params, lambda: _known(options.store, groups.known))
    if options.format == "sql":
        print("\n;\n".join(query.text() for query in module.queries(params, scope)))
        return
    store = DuckStore.open(options.store, read_only=True)
    try:
        with store.reading() as reader:
            if options.format == "csv":
                _write_csv(reader, module, params, scope)
            else:
                _write_json(registry.answer(reader, module, params, scope))
    finally:
        store.close()


def _known(path: Path, what: Callable[[Store], T]) -> T:
    store = DuckStore.open(path, read_only=True)
    try:
        return what(store)
    finally:
        store.close()


def _list(options: argparse.Namespace) -> None:
    modules = registry.modules()
    if not options.json:
        for name, module in modules.items():
            print(f"{name:16} {registry.question(module)}")
        return
    _write_json(
        [
            {
                "name": name,
                "question": registry.question(module),
                "params": registry.schema(module),
                "example": registry.dump(module.EXAMPLE),
            }
            for name, module in modules.items()
        ]
    )


def _player(options: argparse.Namespace) -> None:
    if options.archive and options.what != "install":
        raise InvalidQuestion("--from belongs to 'player install'.")
    if options.what == "install":
        recordings_player.install(options.archive)
    elif options.what == "remove":
        print("Removed." if recordings_player.remove() else "There was nothing to remove.")
        return
    print(recordings_player.status())


def _text(argument: str) -> str:
    if not argument.startswith("@"):
        return argument
    try:
        return Path(argument[1:]).read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidQuestion(f"{argument[1:]} cannot be read: {error.strerror}.") from None


def _write_json(document: Any) -> None:
    json.dump(document, sys.stdout, ensure_ascii=False, default=str, indent=None)
    print()


def _write_csv(store: Store, module: ModuleType, params: Any, scope: Any) -> None:
    writer = csv.writer(sys.stdout)
    if getattr(params, "limit", 0) is None:  # a whole list streams, however long it is
        for batch in store.batches(module.queries(params, scope)[0]):
            writer.writerows(batch)
        return
    rows = [dict(_flat(row)) for row in registry.table(module.run(store, params, scope))]
    if rows:
        writer.writerow(rows[0])
        writer.writerows(row.values() for row in rows)


def _flat(row: Any, prefix: str = "") -> Iterable[tuple[str, object]]:
    for field in fields(row):
        value = getattr(row, field.name)
        if is_dataclass(value):
            yield from _flat(value, f"{prefix}{field.name}_")
        else:
            yield f"{prefix}{field.name}", " ".join(map(str, value)) if isinstance(value, tuple) else value


if __name__ == "__main__":
    sys.exit(main())
