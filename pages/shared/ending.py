"""How a page ends before its last line: the frame still writes the link then, which it cannot after `st.stop`."""

from typing import NoReturn


class PageEnd(Exception):  # noqa: N818 - nothing went wrong
    """Nothing more is drawn."""


def end() -> NoReturn:
    """Ends the page here."""
    raise PageEnd
