"""Which recorded pages are there of a session? They came with an import and can be played by rrweb's own player.

What is kept holds nothing that runs or loads and nothing that was typed (see `ingest.readers.recording_safe`).
"""

from dataclasses import dataclass

from analytics.query import Query
from analytics.store import Store

OF_SESSION = """
SELECT r.session_id, r.sha256, epoch_ms(r.first) - epoch_ms(s.start) AS starts_ms,
  epoch_ms(r.last) - epoch_ms(r.first) AS length_ms, r.events, r.bytes
FROM recordings AS r JOIN sessions AS s ON s.session_id = r.session_id
WHERE r.session_id = $session_id
ORDER BY r.first, r.events DESC, r.sha256
"""
PACKED = "SELECT packed FROM recordings WHERE session_id = $session_id AND sha256 = $sha256 LIMIT 1"


@dataclass(frozen=True)
class Recording:
    """A recorded page: `starts_ms` after the session's start (before it: negative), `bytes` of JSON when unpacked."""

    session_id: str
    sha256: str
    starts_ms: int
    length_ms: int
    events: int
    bytes: int

    def covers(self, moment_ms: int) -> bool:
        """Whether it shows the page at a moment of the session, ms since its start."""
        return self.starts_ms <= moment_ms <= self.starts_ms + self.length_ms


@dataclass(frozen=True)
class _Packed:
    packed: bytes


def of_session(store: Store, session_id: str) -> tuple[Recording, ...]:
    """The session's recordings, the first one first: one for each window, and for each export that went further."""
    return tuple(store.rows(Query(OF_SESSION, {"session_id": session_id}), Recording))


def at(recordings: tuple[Recording, ...], moment_ms: int) -> Recording:
    """The longest one that shows a moment, else the one that begins nearest to it; there must be one."""
    there = [one for one in recordings if one.covers(moment_ms)]
    if there:
        return max(there, key=lambda one: (one.length_ms, one.events))
    return min(recordings, key=lambda one: (abs(one.starts_ms - moment_ms), -one.length_ms))


def packed(store: Store, recording: Recording) -> bytes:
    """Its events, a JSON array, as zlib packs them."""
    asked = Query(PACKED, {"session_id": recording.session_id, "sha256": recording.sha256})
    return store.rows(asked, _Packed)[0].packed
