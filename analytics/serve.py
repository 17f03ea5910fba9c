"""Starts the app on one store and stays until it is stopped: the last step of `sessionscope run`."""

import errno
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from analytics import places
from analytics.errors import InvalidQuestion, UnreadableSource
from analytics.store import DuckStore, holder

FOLDER = Path(__file__).resolve().parent.parent  # holds app.py and .streamlit/
PORT = 8501
PORTS_TRIED = 50


def command(
    *,
    paths: Sequence[Path] = (),
    store: Path | None = None,
    port: int | None = None,
    demo: bool = False,
    data_dirs: Sequence[Path] = (),
    browser: bool = True,
    progress: Callable[[Any], None] = lambda now: None,
) -> int:
    """`sessionscope run`: imports `paths`, then serves the store and opens the browser on what they brought.

    The store is the one named, the user's own, or the demo's, which takes nothing else in. `progress` is that of
    `ingest.load`.
    Raises `InvalidQuestion`, `StoreBusy` and `UnreadableSource` before anything is served.
    """
    if demo and (store or paths):
        raise InvalidQuestion("--demo is the sample shop in a store of its own; leave out --store and the files.")
    if missing := next((folder for folder in data_dirs if not folder.expanduser().is_dir()), None):
        raise UnreadableSource(f"There is no folder {missing} to offer for import.")
    chosen = choose_port(port)  # before an import that may take minutes
    opened = open_store(store, demo=demo)
    try:
        query = _import(opened, paths, progress) if paths else ""
    except BaseException:
        opened.close()
        raise
    places.offer([*data_dirs, *(path if path.is_dir() else path.parent for path in paths)])
    return serve(opened, port=chosen, query=query, browser=browser and has_browser())


def serve(store: DuckStore, *, port: int, query: str = "", browser: bool = False) -> int:
    """Serves `store` until it is stopped, and closes it; returns the exit code.

    `query` is what the first page's address carries, such as "imports=3".
    """
    holder.use(store)
    # The app is written against its own folder. From any other one a .streamlit/ of somebody else's project would be
    # read, and its theme and its server settings would become ours.
    os.chdir(FOLDER)
    if str(FOLDER) not in sys.path:
        sys.path.insert(0, str(FOLDER))
    sys.argv = [str(FOLDER / "app.py")]
    run: Callable[..., None] = import_module("app").run  # by name: only app.py and the pages know Streamlit
    try:
        run(port=port, ready=lambda url: _ready(url, query, browser))
    finally:
        holder.close_all()
    return 0


def open_store(path: Path | str | None = None, *, demo: bool = False) -> DuckStore:
    """The store that is meant: the demo's, the one at `path`, or the user's own (see `places.own_store`)."""
    if demo:
        # Here, because the demo brings the whole import along, which an app on an existing store need not wait for.
        from analytics.demo import open_demo

        return open_demo()
    return DuckStore.open(Path(path).expanduser() if path else places.own_store())


def choose_port(asked: int | None) -> int:
    """`asked`, which must be free; without it the first free port from 8501 on, and a word when that is another."""
    if asked is not None:
        if not is_free(asked):
            raise InvalidQuestion(f"Port {asked} is taken by another program; name another one, or none.")
        return asked
    chosen = free_port()
    if chosen != PORT:
        print(f"Port {PORT} is taken by another program, so this is port {chosen}.", flush=True)
    return chosen


def free_port(first: int = PORT) -> int:
    """The first port from `first` on that nobody on this machine uses."""
    for port in range(first, first + PORTS_TRIED):
        if is_free(port):
            return port
    raise InvalidQuestion(f"Ports {first} to {first + PORTS_TRIED - 1} are all taken; name a free one with --port.")


def is_free(port: int) -> bool:
    """Nobody answers on `port` at localhost, by either internet protocol, and it may be bound."""
    if not 0 < port < 65536:
        raise InvalidQuestion(f"A port is a number from 1 to 65535; this is {port}.")
    try:
        with socket.create_connection(("localhost", port), timeout=1):
            return False
    except OSError:
        pass
    with socket.socket() as probe:
        if os.name != "nt":  # there it would allow what it is to rule out
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def has_browser() -> bool:
    """A window can be expected to open: not in CI, not over ssh, not without a screen."""
    environment = os.environ
    if environment.get("CI") or environment.get("SESSIONSCOPE_HEADLESS") or environment.get("SSH_CONNECTION"):
        return False
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def _import(store: DuckStore, paths: Sequence[Path], progress: Callable[[Any], None]) -> str:
    """Loads the files, says what came of it, and returns the query of a page that shows only them."""
    from analytics import ingest  # as above: only when there is something to import

    report = ingest.load(store, [path.expanduser() for path in paths], progress=progress)
    print(report.text(), flush=True)
    return "&".join(f"imports={number}" for number in report.numbers)


def _ready(url: str, query: str, browser: bool) -> None:
    page = f"{url}/?{query}" if query else url
    print(f"Sessionscope is at {page} (store {holder.current().path}). Stop it with Ctrl+C.", flush=True)
    if browser:
        # In a thread: some browsers are started and waited for.
        threading.Thread(target=webbrowser.open, args=(page,), daemon=True).start()
