"""The items of a path, a page or an event's name each: what groups call them, and which ones are left out."""

from collections.abc import Sequence

from analytics.conditions import Condition, glob, merged


def renamed(groups: Sequence[str], column: str) -> str:
    """A page or name as paths call it: the first group that it fits, else itself. Its values are those of `kept`."""
    whens = " ".join(
        f"WHEN {glob(column, pattern, f'group_{n}').sql} THEN $group_name_{n}" for n, pattern in enumerate(groups, 1)
    )
    return f"CASE {whens} ELSE {column} END" if whens else column


def group_values(groups: Sequence[str]) -> dict[str, object]:
    """The values that `renamed` names."""
    named: dict[str, object] = {f"group_name_{n}": pattern for n, pattern in enumerate(groups, 1)}
    return merged([*(glob("item", pattern, f"group_{n}").params for n, pattern in enumerate(groups, 1)), named])


def kept(include: Sequence[str], exclude: Sequence[str]) -> Condition:
    """Whether `item` is one of `include` (if any are given) and none of `exclude`; names or globs, after grouping."""
    tests, values = [], []
    for word, patterns in (("include", include), ("exclude", exclude)):
        some = [glob("item", pattern, f"{word}_{n}") for n, pattern in enumerate(patterns, 1)]
        if some:
            joined = "(" + " OR ".join(test.sql for test in some) + ")"
            tests.append(joined if word == "include" else f"NOT {joined}")
            values += [test.params for test in some]
    return Condition(" AND ".join(tests) or "true", merged(values), "")
