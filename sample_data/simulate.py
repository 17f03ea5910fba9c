"""Twelve weeks of Tannwind, an invented outdoor shop, as session events.

    python sample_data/simulate.py [FOLDER]     writes events.parquet, truth.json and pictures/ (here unless told)

People come by the calendar (`people`, `schedule`), walk from page to page (`Walk`, all sessions at once, one page at a
time), act on each page (`Stage`, all visits of a kind at once), and what they did is written down with its time. What
the README says was planted is planted as behaviour: where somebody goes and what they press depends on their device,
the release and what happened to them before. Nothing in the events says "planted".

Same seed and same versions of numpy and pyarrow: the same bytes.
"""

import json
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from simulator.draws import stream
from simulator.export import Export, export_people, frame
from simulator.intruders import scrape, staff, stuff, take_over
from simulator.parameters import DAYS, FIRST_DAY, RELEASES, SEED
from simulator.stage import Stage
from simulator.truth import by_release_and_device, planted
from simulator.visitors import people, schedule
from simulator.walk import Walk
from simulator.wireframes import PAGES, SCREENS, SHOP, layout, picture


def write_pictures(folder: Path) -> None:
    """Each page's picture for each layout, and which pages and viewports it is for."""
    folder.mkdir(parents=True, exist_ok=True)
    index = []
    for kind, (globs, _) in PAGES.items():
        for screen in SCREENS:
            name = f"{kind}-{screen.name}.svg"
            (folder / name).write_text(picture(kind, screen), encoding="utf-8")
            size = {"min_width": screen.min_width, "width": screen.width, "height": layout(kind, screen)[1]}
            index += [{"page": glob, **size, "file": name} for glob in globs]
    (folder / "index.json").write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")


def date_of(day: int) -> str:
    return (FIRST_DAY + timedelta(days=day)).date().isoformat()


def simulate() -> tuple[pa.Table, dict[str, object]]:
    """The events, and what was planted in them."""
    who = people(stream("people"))
    sessions = schedule(stream("schedule"), who)
    visits = Walk(stream("walk"), sessions, who).run()
    sessions, visits, taken = take_over(sessions, visits, who)
    stage = Stage(stream("stage"), sessions, visits)
    stage.run()

    export = Export(stream("names"))
    export_people(export, sessions, stage)
    customers = [1001 + int(person) for person in np.unique(sessions.person[who.account[sessions.person]])]
    scraped = scrape(stream("scrapers"), export)
    stuffed = stuff(stream("stuffing"), export, customers, int(taken[0]["user"][1:]))
    read = staff(stream("staff"), export, customers)
    events, ids = frame(export)
    told = {
        "shop": SHOP,
        "seed": SEED,
        "zone": "Europe/Berlin",
        "first_day": date_of(0),
        "last_day": date_of(DAYS - 1),
        "events": events.num_rows,
        "sessions": len(ids),
        "releases": [{"release": name, "from": date_of(day)} for name, day in RELEASES],
        "by_release_and_device": by_release_and_device(sessions, visits),
        "planted": planted(sessions, visits, stage, ids, scraped, stuffed, taken, read),
    }
    return events, told


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    events, told = simulate()
    pq.write_table(
        events, folder / "events.parquet", compression="zstd", compression_level=19, store_schema=False,
        row_group_size=122_880,
        use_dictionary=[name for name in events.column_names if name not in ("timestamp", "x", "y", "value")],
        column_encoding={"timestamp": "DELTA_BINARY_PACKED"},
    )  # fmt: skip
    (folder / "truth.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_pictures(folder / "pictures")
    print(f"{told['events']:,} events of {told['sessions']:,} sessions")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
