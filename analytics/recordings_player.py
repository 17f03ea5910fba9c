"""rrweb's player, which plays recorded pages: fetched by one command, checked, kept in the data folder.

It is no part of this project: the package `@rrweb/replay` of the npm registry, under the MIT licence. Only the version
named here is taken, told by the digest of its archive; of the archive only the two files named, each told by its own
digest, which is checked again whenever they are used.
"""

import base64
import hashlib
import hmac
import io
import os
import shutil
import tarfile
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from analytics import places, words
from analytics.errors import InvalidQuestion, UnreadableSource

PACKAGE, VERSION, LICENCE = "@rrweb/replay", "2.1.6", "MIT"
INTEGRITY = "sha512-Ti7zPk3Lbp33N9rKtIPCCIbUm4ctJMRRIMG5/5uI70M0efpSC1cpo/Eq8ELVW/5zWrkiElgmnPR0+h+oS79ASA=="
SCRIPT, STYLE = "replay.js", "replay.css"
FILES = {
    "package/dist/replay.umd.min.cjs": (SCRIPT, "4ab2043bf8b77f5051c2b912f92feec7c22b9556718b04dddab8fdc09d8acce9"),
    "package/dist/style.min.css": (STYLE, "334d222824ebab92111f7db3231829847443a86ae26326cf4f68d5c5fdee40f9"),
}
"""In the archive; here, with the SHA-256 of what is in it."""
REGISTRY = "https://registry.npmjs.org"
VARIABLES = ("npm_config_registry", "NPM_CONFIG_REGISTRY")
LARGEST = 5_000_000  # bytes of the archive, which has 1.2 million
PATIENCE_S = 60
COMMAND = "sessionscope player install"


class NotFetched(UnreadableSource):
    """The registry does not answer, or not with the archive."""


@dataclass(frozen=True)
class Player:
    """The player's two files as they lie in the data folder, checked."""

    script: str
    style: str


def folder() -> Path:
    """Where it is kept, beside the stores."""
    return places.data_folder() / "player"


def installed() -> Player | None:
    """The player; None when it was never installed, or is not what was installed."""
    found = {}
    for name, digest in FILES.values():
        try:
            content = (folder() / name).read_bytes()
        except OSError:
            return None
        if not hmac.compare_digest(hashlib.sha256(content).hexdigest(), digest):
            return None
        found[name] = content.decode("utf-8")
    return Player(found[SCRIPT], found[STYLE])


def status() -> str:
    """One sentence for the command line."""
    if installed():
        return f"{PACKAGE} {VERSION} ({LICENCE}) is installed in {folder()}."
    if any((folder() / name).exists() for name, _ in FILES.values()):
        return f"What lies in {folder()} is not {PACKAGE} {VERSION}; '{COMMAND}' puts it right."
    return f"The player of recorded pages is not installed; '{COMMAND}' fetches {PACKAGE} {VERSION} from npm (1.2 MB)."


def address() -> str:
    """Where the archive lies: in npm's registry, or the one that npm's own variable names."""
    registry = next(filter(None, map(os.environ.get, VARIABLES)), REGISTRY)
    parts = urllib.parse.urlsplit(registry)
    if parts.scheme not in ("https", "http") or not parts.netloc:
        raise InvalidQuestion(f"npm_config_registry is {registry!r}, which is no http address.")
    return f"{registry.rstrip('/')}/{PACKAGE}/-/{PACKAGE.rpartition('/')[2]}-{VERSION}.tgz"


def install(archive: Path | None = None) -> Path:
    """Fetches the archive, or reads `archive`, and puts the player into the data folder; returns that.

    Raises `NotFetched` and `UnreadableSource`; what was there before then stays.
    """
    content = _fetched(address()) if archive is None else _read(archive)
    digest = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
    if not hmac.compare_digest(digest, INTEGRITY):
        where = archive.name if archive else address()
        raise UnreadableSource(
            f"{where} is not {PACKAGE} {VERSION}: its digest is {digest[:23]}… and not {INTEGRITY[:23]}…. "
            "Nothing was installed."
        )
    _put(_files(content))
    return folder()


def remove() -> bool:
    """Takes the player away; whether there was one."""
    if not folder().exists():
        return False
    shutil.rmtree(folder())
    return True


def _fetched(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:  # noqa: S310 - http(s) only, see `address`
            content: bytes = answer.read(LARGEST + 1)
    except (urllib.error.URLError, OSError, ValueError) as error:
        why = getattr(error, "reason", None) or error
        raise NotFetched(
            f"{url} cannot be fetched: {why}. Where there is no way to it, fetch the file elsewhere and name it with "
            "--from."
        ) from error
    if len(content) > LARGEST:
        raise NotFetched(f"{url} is larger than {words.count(LARGEST / 1e6)}{words.SPACE}MB, so it is not the player.")
    return content


def _read(archive: Path) -> bytes:
    try:
        with archive.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise UnreadableSource(f"{archive} cannot be read: {error.strerror}.") from error


def _files(content: bytes) -> dict[str, bytes]:
    """The files wanted, by the names they get here. No path of the archive is ever written to."""
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            for member in archive:
                if member.name in FILES and member.isfile() and member.size <= LARGEST:
                    name, digest = FILES[member.name]
                    file = archive.extractfile(member)
                    read = file.read() if file else b""
                    if hashlib.sha256(read).hexdigest() == digest:
                        found[name] = read
    except (tarfile.TarError, OSError, EOFError) as error:
        raise UnreadableSource(f"The archive of {PACKAGE} is broken: {error}.") from error
    if len(found) < len(FILES):
        raise UnreadableSource(f"The archive of {PACKAGE} does not hold the files of the player.")
    return found


def _put(files: dict[str, bytes]) -> None:
    """All files or none: they are written aside and then take the folder's place."""
    folder().parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix="player-", dir=folder().parent))
    try:
        for name, content in files.items():
            (aside / name).write_bytes(content)
        if folder().exists():
            shutil.rmtree(folder())
        aside.rename(folder())
    finally:
        shutil.rmtree(aside, ignore_errors=True)
