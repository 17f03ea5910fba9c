"""What is doubtful about an import: every check with its figure, and what to do about it."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from analytics import words
from analytics.ingest import quality, rules
from analytics.ingest.quality import Private, Sessions, Times
from analytics.ingest.rules import RULES, Redacted
from pages.data import jobs
from pages.shared import escape, store, zone
from pages.shared.waiting import answer

MOST = 4  # fields named of one kind of personal data
AGAIN = "Then take the import back and bring the files in again"
FEW = 0.01  # of the events: below it, whole seconds and midnights are chance
MANY = 0.9
TAKE_OUT = {
    "cards": "card numbers",
    "secrets": "secrets in addresses",
    "email": "e-mail addresses",
    "addresses": "network addresses",
}


@dataclass(frozen=True)
class Check:
    """What was looked at (`subject`), what was `found`, and what to do about it; nothing to do: it is in order.

    Its texts are Markdown.
    """

    subject: str
    found: str
    todo: str = ""


@dataclass(frozen=True)
class Brought:
    """One import as the checks see it; `details` as the table `imports` keeps them."""

    number: int
    file: str
    rows: int
    events: int
    duplicates: int
    repeats: bool  # its very bytes came before
    details: Mapping[str, Any]


def draw(load: int, files: Sequence[Brought], holes: Sequence[str], label: Callable[[str], str]) -> None:
    """The checks of one load. `holes` are stretches without events, in words; `label` names a field."""
    numbers = [one.number for one in files]
    here = store()
    on = rules.chosen(here.setting(rules.SETTING), {})
    timeout_s = int(here.setting("session_timeout_s") or 1800)
    if not any(one.events for one in files):
        found = [*_redacted(files, label)]
    else:
        times = answer(("gate-times", load), lambda reader: quality.times(reader, numbers))
        sessions = answer(("gate-sessions", load), lambda reader: quality.sessions(reader, numbers, timeout_s))
        private = answer(("gate-private", load, on), lambda reader: quality.private(reader, numbers, on))
        found = [
            *_times(times, files),
            *_clocks(times, sessions),
            *_sessions(sessions, timeout_s),
            *_sampling(files, sessions, times, holes),
            *_twice(files, label),
            *_private(private, label),
            *_redacted(files, label),
        ]
        if rest := [one.rule for one in private if one.rule in TAKE_OUT]:
            st.session_state["gate-rules"] = list(dict.fromkeys(rest))
    doubtful = [one for one in found if one.todo]
    title = f"{words.many(len(doubtful), 'thing')} to look at" if doubtful else "Nothing doubtful was found"
    st.subheader(title, anchor=False)
    lines = ["| Looked at | Found | What to do |", "| :--- | :--- | :--- |"]
    lines += [f"| **{one.subject}** | {one.found} | {one.todo} |" for one in doubtful]
    lines += [f"| {one.subject} | {one.found} | In order. |" for one in found if not one.todo]
    st.markdown("\n".join(lines))
    if doubtful and any(one.subject == PERSONAL for one in doubtful):
        _offer(list(dict.fromkeys(st.session_state.pop("gate-rules", []))), on)


def _times(times: Times, files: Sequence[Brought]) -> list[Check]:
    told = list(dict.fromkeys(str(one.details.get("times", "")) for one in files if one.details.get("times")))
    ways = " ".join(escape(text, 200) for text in told[:3])
    found = f"{ways} Days are cut in {escape(zone())}."
    if times.night > times.noon > 0 and times.events >= 100:  # without a noon it is no whole day
        return [
            Check(
                "Time zone",
                f"{found} More happens from 1 to 5 o'clock ({words.count(times.night)} events) than from 11 to 15 "
                f"({words.count(times.noon)}).",
                "The times may be another zone's. Take the import back and bring the files in again, with the zone "
                "that they were written in.",
            )
        ]
    return [Check("Time zone", found), *_grain(times)]


def _grain(times: Times) -> list[Check]:
    if times.midnight > MANY * times.events:
        return [
            Check(
                "How fine the times are",
                f"{words.count(times.midnight)} of {words.many(times.events, 'event')} lie exactly at midnight (UTC).",
                "These are dates without times: order, durations and hours mean nothing. Export the times too.",
            )
        ]
    if times.whole_seconds > MANY * times.events:
        share = words.percent(times.whole_seconds / times.events)
        return [Check("How fine the times are", f"{share} on whole seconds; within one, the file's order counts.")]
    return []


def _clocks(times: Times, sessions: Sessions) -> list[Check]:
    said = []
    if times.future:
        said.append(f"{words.many(times.future, 'event')} after the day of the import")
    if times.ancient:
        said.append(f"{words.many(times.ancient, 'event')} before 2000")
    if times.jumps:
        said.append(f"{words.many(times.jumps, 'jump')} of over 12 hours within a session")
    if sessions.long:
        said.append(f"{words.many(sessions.long, 'session')} of more than a day")
    if not said:
        return [Check("Clocks", "No time in the future, none before 2000, no jump within a session.")]
    return [
        Check(
            "Clocks",
            f"{words.listed(said)}.",
            "A device's clock is wrong, or a session's id is used again: leave these days out of a comparison, or "
            "bring the files in without their session ids.",
        )
    ]


def _sessions(sessions: Sessions, timeout_s: int) -> list[Check]:
    pause = words.many(timeout_s // 60, "minute") if timeout_s >= 60 else words.many(timeout_s, "second")
    if not sessions.theirs:
        return [
            Check("Sessions", f"{words.count(sessions.sessions)}, cut after a pause of {pause}: the files name none.")
        ]
    theirs, ours = words.count(sessions.theirs), words.count(sessions.ours)
    found = f"{theirs} by the files' own ids; a pause of {pause} would cut {ours}."
    difference = abs(sessions.ours - sessions.theirs) / sessions.theirs
    if difference <= 0.05:
        return [Check("Sessions", found)]
    why = f" {words.count(sessions.paused)} of theirs hold a longer pause." if sessions.paused else ""
    return [
        Check(
            "Sessions",
            f"{found}{why}",
            "Their rule is another one: figures per session differ from those of a store cut by pauses. To cut them "
            "here, bring the files in with the session's column kept as a property.",
        )
    ]


def _sampling(files: Sequence[Brought], sessions: Sessions, times: Times, holes: Sequence[str]) -> list[Check]:
    signs = [
        f"{escape(one.file, 60)} has exactly {words.count(one.rows)} rows, where exports like to stop"
        for one in files
        if quality.is_round(one.rows)
    ]
    signs += [
        f"{escape(one.file, 60)} has the column {escape(name, 40)}"
        for one in files
        for name in one.details.get("other_columns", [])
        if "sampl" in str(name).lower()
    ]
    if sessions.sessions >= 100 and sessions.of_one_event > MANY * sessions.sessions:
        signs.append(f"{words.percent(sessions.of_one_event / sessions.sessions)} of the sessions hold one event")
    signs += holes[:2]
    if not signs:
        return [Check("Missing or sampled data", "No sign of it.")]
    more = f" and {words.count(len(signs) - 4)} more" if len(signs) > 4 else ""
    return [
        Check(
            "Missing or sampled data",
            f"{'; '.join(signs[:4])}{more}.",
            "Ask the tool for everything, in smaller ranges of days: what is here already is not counted twice.",
        )
    ]


def _twice(files: Sequence[Brought], label: Callable[[str], str]) -> list[Check]:
    duplicates = sum(one.duplicates for one in files)
    with_ids = [one for one in files if any(found["field"] == "event_id" for found in one.details.get("fields", []))]
    if duplicates:
        why = "the very bytes came before" if all(one.repeats for one in files if one.duplicates) else "by their ids"
        return [Check("Duplicates", f"{words.many(duplicates, 'row')} here already, {why}; they count once.")]
    if len(with_ids) < len(files):
        name = label("event_id").lower()
        return [
            Check(
                "Duplicates",
                f"Rows cannot be told apart: {'no file' if not with_ids else 'not every file'} has an {name}.",
                "A row that comes twice counts twice. If that may be, take the import back and tick "
                "*Count rows that are equal in every field once*.",
            )
        ]
    return [Check("Duplicates", "None: every row has an id of its own.")]


PERSONAL = "Personal data"


def _private(private: Sequence[Private], label: Callable[[str], str]) -> list[Check]:
    if not private:
        return [Check(PERSONAL, "None of the kinds that are looked for was seen.")]
    by_rule: dict[str, list[Private]] = {}
    for one in private:
        by_rule.setdefault(one.rule, []).append(one)
    checks = []
    for rule, of in by_rule.items():
        where = [f"{words.many(one.rows, 'event')} ({_field(one.field, label)})" for one in of[:MOST]]
        example = escape(quality.veiled(of[0].example or ""), 60)
        checks.append(
            Check(
                PERSONAL,
                f"{RULES[rule].capitalize()} in {words.listed(where)}, such as {example}.",
                f"Switch the rule on below. {AGAIN}: what is stored stays as it is.",
            )
        )
    return checks


def _redacted(files: Sequence[Brought], label: Callable[[str], str]) -> list[Check]:
    rows: dict[tuple[str, str], int] = {}
    for one in files:
        for item in one.details.get("redacted", []):
            found = Redacted(**item)
            rows[found.rule, found.field] = rows.get((found.rule, found.field), 0) + found.rows
    by_rule: dict[str, list[str]] = {}
    for (rule, field), count in rows.items():
        by_rule.setdefault(rule, []).append(f"{_field(field, label)} ({words.many(count, 'row')})")
    said = [f"{RULES[rule].capitalize()} in {words.listed(where)}" for rule, where in by_rule.items()]
    return [Check("Redacted", f"{'; '.join(said)}.")] if said else []


def _field(name: str, label: Callable[[str], str]) -> str:
    known = {"name": "event", "user": "user_id", "anonymous": "anonymous_id"}.get(name, name)
    return escape(label(known).lower(), 40)


def _offer(seen: Sequence[str], on: Sequence[str]) -> None:
    """Buttons that switch rules on, for every import to come."""
    with st.container(horizontal=True):
        for rule in seen:
            if rule not in on:
                st.button(
                    f"Take {TAKE_OUT[rule]} out from now on",
                    key=f"gate-{rule}",
                    icon=":material/visibility_off:",
                    on_click=_switch,
                    args=(rule,),
                    disabled=jobs.running() is not None,
                )


def _switch(rule: str) -> None:
    rules.switch(store(), {rule: True})


def said_hole(start: dt.datetime, stop: dt.datetime) -> str:
    """A stretch without events, in words."""
    return f"no event from {words.moment(start)} to {words.moment(stop)}"
