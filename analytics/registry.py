"""The analyses by name, with their parameters and answers as JSON: what the command line, links and tests go through.

An analysis is a module of `analytics.analyses` with an `EXAMPLE`; existing is its registration.
"""

import functools
import importlib
import json
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from types import ModuleType
from typing import Any

from pydantic import TypeAdapter, ValidationError

from analytics import analyses
from analytics.errors import InvalidQuestion
from analytics.scope import Scope
from analytics.store import Store

TAGS = ("filter", "any", "all", "glob", "group", "kept")  # of unions, which nobody has written
COUNT = "SELECT count(*) AS sessions FROM scoped_sessions"


@dataclass(frozen=True)
class InScope:
    """How many sessions a scope holds: the denominator that every page and answer names."""

    sessions: int


@functools.cache
def modules() -> dict[str, ModuleType]:
    """Every analysis by name."""
    names = sorted(found.name for found in pkgutil.iter_modules(analyses.__path__))
    return {name: importlib.import_module(f"{analyses.__name__}.{name}") for name in names}


def analysis(name: str) -> ModuleType:
    """The module called `name`; raises `InvalidQuestion` when there is none."""
    if name not in modules():
        raise InvalidQuestion(f"There is no analysis {name!r}; there are {', '.join(modules())}.")
    return modules()[name]


def question(module: ModuleType) -> str:
    """What it answers: the first sentence of its docstring, without the name."""
    first = (module.__doc__ or "").split("\n\n")[0].replace("\n", " ")
    return first.split(": ", 1)[-1].strip()


def parse(kind: Any, text: str, what: str) -> Any:
    """JSON text as a frozen dataclass; raises `InvalidQuestion` that names the place, the value and what is wanted."""
    try:
        return TypeAdapter(kind).validate_json(text)
    except ValidationError as error:
        raise InvalidQuestion(_sentence(error, what)) from None


def dump(value: Any) -> Any:
    """A frozen dataclass as what JSON can hold."""
    return TypeAdapter(type(value)).dump_python(value, mode="json")


def params(module: ModuleType, text: str) -> Any:
    """The parameters of an analysis from JSON."""
    return parse(type(module.EXAMPLE), text, f"the parameters of {module.__name__.rpartition('.')[2]}")


def scope(text: str) -> Scope:
    """A scope from JSON."""
    found: Scope = parse(Scope, text, "the scope")
    return found


def schema(module: ModuleType) -> Mapping[str, Any]:
    """The JSON schema of an analysis's parameters."""
    return TypeAdapter(type(module.EXAMPLE)).json_schema()


def sessions_in(store: Store, within: Scope) -> int:
    """How many sessions are in scope."""
    return store.rows(within.query(COUNT), InScope)[0].sessions


def answer(store: Store, module: ModuleType, asked: Any, within: Scope) -> dict[str, Any]:
    """An analysis's answer as JSON, with the scope and its number of sessions."""
    result = module.run(store, asked, within)
    head = {"scope": dump(within), "scope_in_words": within.describe(), "sessions_in_scope": sessions_in(store, within)}
    return head | {
        field.name: plain(getattr(result, field.name)) for field in fields(result) if field.name != "queries"
    }


def plain(value: Any) -> Any:
    """Dataclasses as dictionaries, tuples as lists, times in ISO 8601 (`Z` for UTC), all the way down."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _field(field.name, getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _field(name: str, value: Any) -> Any:
    if isinstance(value, datetime) and "local" not in name:
        return value.isoformat() + "Z"
    return plain(value)


def table(result: Any) -> tuple[Any, ...]:
    """The rows of an answer: its first tuple that is no query. What CSV holds."""
    return next((value for name, value in vars(result).items() if isinstance(value, tuple) and name != "queries"), ())


def _sentence(error: ValidationError, what: str) -> str:
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"] if part not in TAGS) or "as a whole"
    value = json.dumps(first["input"], default=str, ensure_ascii=False)
    shown = value if len(value) <= 80 else value[:77] + "..."
    return f"In {what}, {place} is {shown}: {first['msg'][0].lower()}{first['msg'][1:]}."
