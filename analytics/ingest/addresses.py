"""How can sessions of one network address be told apart without keeping the address?

By a keyed hash (HMAC-SHA256). The key is made with the store and lies beside it, readable by its owner only; whoever
has the store but not the key cannot try out addresses. Losing the key makes old and new addresses differ, so an import
that needs a lost key stops.
"""

import hmac
import os
import secrets
import threading
from dataclasses import dataclass
from pathlib import Path

from analytics.errors import UnreadableSource

KEY_BYTES = 32
BLOCK_BYTES = 64  # of SHA-256: HMAC pads the key to it
DIGITS = 32
HASHED = "left(sha256(CAST($outer AS BLOB) || unhex(sha256(CAST($inner AS BLOB) || encode({0})))), 32)"
"""HMAC-SHA256 of an address in SQL, with the two halves of the key (`Key.values`)."""
_making = threading.Lock()  # two loads of this process may be a store's first; no other process has the store


@dataclass(frozen=True)
class Key:
    """The key in HMAC's two halves (RFC 2104), as the statements take them: `$inner` and `$outer`."""

    secret: bytes

    @property
    def values(self) -> dict[str, object]:
        padded = self.secret.ljust(BLOCK_BYTES, b"\0")
        return {"inner": bytes(byte ^ 0x36 for byte in padded), "outer": bytes(byte ^ 0x5C for byte in padded)}

    def hash(self, address: str) -> str:
        """What is kept of `address`: 32 hex digits. The import computes the same in SQL."""
        return hmac.new(self.secret, address.encode(), "sha256").hexdigest()[:DIGITS]


def key_file(store: Path | None, spool: Path) -> Path:
    """Beside the store; a store in memory has it in its spool, with which it goes."""
    return store.with_name(store.name + ".key") if store else spool / "address.key"


def read_key(file: Path) -> Key | None:
    """None when there is no key yet."""
    try:
        secret = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnreadableSource(
            f"The key of the store's addresses, {file}, cannot be read: {error.strerror}."
        ) from error
    if len(secret) != KEY_BYTES:
        raise UnreadableSource(f"{file} is no key of addresses: it has {len(secret)} bytes, not {KEY_BYTES}.")
    return Key(secret)


def make_key(file: Path) -> Key:
    """A new key, in a file of mode 0600; the one that another load made in the meantime, if it did."""
    with _making:
        return read_key(file) or _new_key(file)


def _new_key(file: Path) -> Key:
    secret = secrets.token_bytes(KEY_BYTES)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(secret)
    return Key(secret)


NO_KEY: dict[str, object] = {"inner": b"", "outer": b""}
"""For a load without addresses, whose statements still name the two."""
