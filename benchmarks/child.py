"""One part of a run in a process of its own, so that its peak of memory is its own: TASK, then its values as JSON."""

import json
import sys
from pathlib import Path
from typing import Any


def task(name: str, given: dict[str, Any]) -> Any:
    """Imports only what the part needs: the other engines may live in an environment without ours."""
    path = {key: Path(value) for key, value in given.items() if isinstance(value, str)}
    if name == "generate":
        from benchmarks import generate

        return generate.write(path["events"], given["count"], given["seed"])
    if name == "floor":
        from benchmarks import floor

        return floor.run(path["events"], path["folder"], given["sort"])
    if name == "clickhouse":
        from benchmarks import with_clickhouse

        return with_clickhouse.run(path["prepared"], path.get("events"), path["folder"], given["times"])
    if name == "retentioneering":
        from benchmarks import with_retentioneering

        return with_retentioneering.run(path["prepared"], path["folder"], given["times"])
    if name == "growing":
        from benchmarks import growing

        return growing.run(path["events"], path["store"], path["folder"])
    from benchmarks import with_sessionscope

    if name == "load":
        return with_sessionscope.load(path["events"], path["store"])
    if name == "export":
        return with_sessionscope.export(path["store"], path["prepared"])
    return with_sessionscope.ask(path["store"], given["times"])


if __name__ == "__main__":
    name, given, answer = sys.argv[1:]
    found = task(name, json.loads(given))
    Path(answer).write_text(json.dumps(found), encoding="utf-8")
