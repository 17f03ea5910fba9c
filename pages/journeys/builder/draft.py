"""A funnel as it is being chosen: every edit goes into the link, and one that cannot be is said where it was made."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import streamlit as st

from analytics.analyses.funnel import Funnel
from analytics.conditions import Matcher
from analytics.errors import AnalyticsError
from pages.shared import escape, open_params, write_params

UNSAID = (Matcher(),)  # the steps of a link that names none: nobody asks this
OPEN, SERIAL, REFUSED = "funnel-open-step", "funnel-serial", "funnel-refused"


@dataclass(frozen=True)
class Draft:
    """The funnel of this run, and the page's default, against which the link is written."""

    params: Funnel
    default: Funnel

    def make(self, edit: Callable[[Funnel], Funnel], place: str) -> bool:
        """For callbacks: the edited funnel goes into the link, or the reason why it cannot be to `place`.

        In that case, and when one edit changes several things, all widgets follow the link again.
        """
        try:
            made = edit(self.params)
        except AnalyticsError as error:
            refuse(place, str(error))
            self._put(self.params, open_params)
            return False
        several = sum(now != vars(made)[name] for name, now in vars(self.params).items()) > 1
        self._put(made, open_params if several else write_params)
        return True

    def open(self, params: Funnel) -> None:
        """For callbacks: another funnel altogether; all widgets follow."""
        st.session_state.pop(OPEN, None)
        self._put(params, open_params)

    def write(self) -> None:
        """The funnel of this run goes into the link."""
        self._put(self.params, write_params)

    def _put(self, params: Funnel, write: Callable[[Funnel, Funnel], None]) -> None:
        numbered = params.exclusions or params.attribution_step or params.histogram
        # what names a step by its number goes with the steps; else a link without steps takes the usual ones
        write(params, replace(self.default, steps=UNSAID) if numbered else self.default)


def refuse(place: str, sentence: str) -> None:
    """Says at `place`, in the next run, why something cannot be."""
    st.session_state[REFUSED] = (place, sentence)


def say_refused(place: str) -> None:
    """Draws the sentence that belongs here, if there is one."""
    where, sentence = st.session_state.get(REFUSED, ("", ""))
    if where == place:
        del st.session_state[REFUSED]
        st.warning(escape(sentence, 300), icon=":material/block:")


def opened() -> int | None:
    """The step whose editor is open, by number."""
    number: int | None = st.session_state.get(OPEN)
    return number


def open_step(number: int | None) -> None:
    """Opens the editor of a step; None closes it. Its widgets begin anew."""
    st.session_state[OPEN] = number
    st.session_state[SERIAL] = serial() + 1


def serial() -> int:
    """Counts how often the editor was opened on a step: part of its widgets' keys."""
    number: int = st.session_state.get(SERIAL, 0)
    return number
