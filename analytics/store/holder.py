"""The store that the app shows right now: one for the whole process, and it can be switched while people look.

Whoever imports from the demo moves on to a store of their own. The one left behind stays open, since a page may still
be reading it and since DuckDB cannot open a file twice in a process; coming back to it is free.

Beside each store file that is in use lies a note, `app_file`, by which another process that wants the file can say
where the app is to be found.
"""

import json
import os
import threading
from contextlib import suppress
from pathlib import Path

from analytics.store.duck import DuckStore, app_file

_lock = threading.RLock()
_stores: list[DuckStore] = []  # all that are open; the last is the current one
_url: str | None = None


def current() -> DuckStore:
    """The store in use. Raises `LookupError` before the first `use`: the app opens one before it serves a page."""
    with _lock:
        if not _stores:
            raise LookupError("No store is in use yet; call holder.use(store) first.")
        return _stores[-1]


def use(store: DuckStore) -> DuckStore:
    """Makes `store` the current one for every page of this process, and returns it."""
    with _lock:
        if store in _stores:
            _stores.remove(store)
        _stores.append(store)
        _announce(store)
        return store


def switch(path: Path) -> DuckStore:
    """Makes the store at `path` the current one, opened unless it is open. Raises what `DuckStore.open` does."""
    with _lock:
        return use(opened(path) or DuckStore.open(path))


def opened(path: Path) -> DuckStore | None:
    """The store of this file that the app has open, if any."""
    wanted = path.resolve()
    with _lock:
        return next((store for store in _stores if store.path and store.path.resolve() == wanted), None)


def serving(url: str | None) -> None:
    """From now on the app answers at `url`, such as http://localhost:8501; the notes beside the stores say so."""
    global _url
    with _lock:
        _url = url
        for store in _stores:
            _announce(store)


def close_all() -> None:
    """Gives every file back, notes removed; waits for a write that is under way."""
    global _url
    with _lock:
        while _stores:
            store = _stores.pop()
            store.close()
            if store.path:
                with suppress(OSError):
                    app_file(store.path).unlink()
        _url = None


def _announce(store: DuckStore) -> None:
    if _url is None or store.path is None:
        return
    note = app_file(store.path)
    draft = note.with_name(f"{note.name}.{os.getpid()}")
    with suppress(OSError):  # a note is a courtesy: without it the other process still hears that the file is taken
        draft.write_text(json.dumps({"pid": os.getpid(), "url": _url}), encoding="utf-8")
        draft.replace(note)  # whole or not at all, whoever reads meanwhile
