"""What a question names and the workspace knows: found in parameters however deep, and replaced."""

import dataclasses
import operator
from collections.abc import Callable
from typing import Any, TypeVar, cast

T = TypeVar("T")


def replaced(asked: T, kind: type, found: Callable[[Any], object]) -> T:
    """`asked`, a dataclass or a tuple of such, with `found` of all of that kind in it; itself where nothing changes."""
    if isinstance(asked, kind):
        return cast(T, found(asked))
    if isinstance(asked, tuple):
        items = tuple(replaced(item, kind, found) for item in asked)
        return asked if all(map(operator.is_, items, asked)) else cast(T, items)
    if dataclasses.is_dataclass(asked) and not isinstance(asked, type):
        now = {field.name: getattr(asked, field.name) for field in dataclasses.fields(asked) if field.init}
        new = {name: other for name, value in now.items() if (other := replaced(value, kind, found)) is not value}
        return dataclasses.replace(asked, **new) if new else asked
    return asked
