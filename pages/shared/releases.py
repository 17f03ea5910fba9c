"""Releases in the scope and the day on which each took over, the dotted lines of every picture over time; and notes."""

import datetime as dt
from collections.abc import Sequence

from analytics.analyses import releases
from analytics.scope import Scope
from analytics.workspace import notes
from analytics.workspace.notes import Note
from pages.shared.asking import ask
from pages.shared.waiting import answer

MOST = 8  # lines in a picture; more would be a fence


def takeovers(scope: Scope) -> dict[str, dt.date]:
    """The first day on which each release has more sessions than any other, in that order; the first one began it all.

    Whatever else `scope` narrows, a release took over when it did: only its days and releases count here.
    """
    within = Scope(start=scope.start, stop=scope.stop, releases=scope.releases)
    found = ask(releases, releases.Releases(limit=MOST), within).releases
    return {one.release: one.took_over for one in found if one.took_over}


def noted() -> Sequence[Note]:
    """What the team has noted, in the order of time."""
    return answer("notes", notes.known)
