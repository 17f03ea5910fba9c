"""Refused rows, to be mended and brought in after all: by replacing a text in all of them, or row by row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from analytics import words
from analytics.errors import AnalyticsError
from analytics.ingest import mend
from analytics.ingest.mend import Refused
from analytics.store import holder
from pages.data import jobs, under_way
from pages.shared import escape, store
from pages.shared.waiting import answer

SHOWN = 200  # rows to be changed one by one
MOST_GROUPS = 50
LOOKED_AT = 1000  # of the mended ones, to say whether they would come in


def draw(imports: Mapping[int, str], why: Callable[[str], str]) -> None:
    """What is left to be mended of the imports `imports` (number, file); `why` says a reason."""
    here = store()
    numbers = list(imports)
    groups = answer(("mend-groups", *numbers), lambda reader: mend.groups(reader, numbers))
    left = {
        f"{why(one.reason)[:120]}: {words.many(one.rows, 'row')} of {imports[one.import_id][:80]}": one
        for one in groups[:MOST_GROUPS]
    }
    if not left:
        return
    with st.expander("Mend them and bring them in again"):
        picked = st.selectbox("Rows", list(left), key="mend-which", help="Those refused for one reason.")
        number, reason, rows = left[picked].import_id, left[picked].reason, left[picked].rows
        file = imports[number]
        with st.container(horizontal=True):
            was = st.text_input("Replace in all of them", key=f"mend-was-{number}-{reason}")
            becomes = st.text_input("by", key=f"mend-becomes-{number}-{reason}")
        given = answer(("mend", number, reason), lambda reader: mend.refused(reader, number, reason))
        proposed = [replace(row, text=row.text.replace(was, becomes)) for row in given] if was else given
        edited = _edited(proposed[:SHOWN], f"mend-table-{number}-{reason}-{was}-{becomes}")
        if rows > SHOWN:
            st.caption(f"The first {SHOWN} of {words.count(rows)}; what is replaced is replaced in all of them.")
        changed = [new for old, new in zip(given, [*edited, *proposed[SHOWN:]], strict=True) if new.text != old.text]
        _bring(number, file, changed)
        st.download_button(
            "Download them as a file of their own",
            lambda: "".join(mend.document(here, number, given)).encode(),
            f"{file.rsplit('/', 1)[-1].split('.')[0]} refused.csv",
            "text/plain",
            on_click="ignore",
            type="tertiary",
            icon=":material/download:",
            help="With the header that their file had. Mended in an editor, it can be dropped on this page.",
        )


def _edited(rows: Sequence[Refused], key: str) -> list[Refused]:
    table = pd.DataFrame({"Line": [row.line for row in rows], "Row": [row.text for row in rows]})
    edited = st.data_editor(
        table,
        key=key,
        hide_index=True,
        row_height=30,
        height=32 + 30 * min(len(table), 10),
        disabled=["Line"],
        num_rows="fixed",
        alt="Refused rows, to be mended",
        column_config={
            "Line": st.column_config.NumberColumn(format="%,d", width=90),
            "Row": st.column_config.TextColumn(width=900, required=True),
        },
    )
    return [replace(row, text=str(text)) for row, text in zip(rows, edited["Row"], strict=True)]


def _bring(number: int, file: str, changed: Sequence[Refused]) -> None:
    """Says what would become of the changed rows, and brings them in."""
    label = f"Bring {words.many(len(changed), 'mended row')} in" if changed else "Bring the mended rows in"
    would = ""
    if changed:
        try:
            look = mend.would_be(store(), number, changed[:LOOKED_AT])
            of = words.count(look.sampled) if len(changed) <= LOOKED_AT else f"the first {words.count(look.sampled)}"
            would = f"{words.count(look.sampled - look.refused)} of {of} would come in now."
        except AnalyticsError as error:
            would = escape(error, 300)
    else:
        would = "Change something in a row, or replace a text in all of them."
    st.button(
        label,
        key="mend-bring",
        type="primary",
        icon=":material/healing:",
        disabled=not changed,
        on_click=under_way.begin,
        args=(f"Bringing {words.many(len(changed), 'mended row')} of {file} in", _work(number, tuple(changed))),
    )
    st.caption(would)


def _work(number: int, rows: Sequence[Refused]) -> jobs.Work:
    def work(job: jobs.Job) -> int:
        return mend.mend(holder.current(), number, rows, **job.wanted).load_id

    return work
