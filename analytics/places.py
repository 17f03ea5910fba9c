"""Where a person's stores live when nobody says otherwise."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

_offered: list[Path] = []


def data_folder() -> Path:
    """The user's folder for application data, by the custom of the system; `SESSIONSCOPE_DATA` names another.

    It need not exist: `DuckStore.open` makes it.
    """
    if chosen := os.environ.get("SESSIONSCOPE_DATA"):
        return Path(chosen).expanduser().absolute()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "Sessionscope"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Sessionscope"
    shared = os.environ.get("XDG_DATA_HOME", "")  # a relative one is to be ignored, says the XDG specification
    return (Path(shared) if Path(shared).is_absolute() else Path.home() / ".local" / "share") / "sessionscope"


def own_store() -> Path:
    """The store of the user's own data: `SESSIONSCOPE_STORE`, else `sessionscope.duckdb` in the data folder."""
    if chosen := os.environ.get("SESSIONSCOPE_STORE"):
        return Path(chosen).expanduser().absolute()
    return data_folder() / "sessionscope.duckdb"


def demo_store() -> Path:
    """The store of the sample shop, apart from the user's own: invented data never mixes with real."""
    return data_folder() / "demo.duckdb"


def offer(folders: Iterable[Path]) -> None:
    """Lets the import page of this process list the files of `folders`, besides what people upload."""
    for folder in folders:
        resolved = folder.expanduser().resolve()
        if resolved not in _offered:
            _offered.append(resolved)


def offered() -> tuple[Path, ...]:
    """The folders whose files the import page may list, in the order they were named; none unless asked for."""
    return tuple(_offered)
