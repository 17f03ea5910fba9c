"""rrweb's player: only what is told by its digest gets in, and nothing lands where an archive would like it."""

import base64
import hashlib
import io
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from analytics import cli, recordings_player
from analytics.errors import InvalidQuestion, UnreadableSource

SCRIPT, STYLE = b"window.rrwebReplay = {}", b"iframe { border: 0 }"
SCRIPT_PLACE, STYLE_PLACE = recordings_player.FILES


def archive(**more: bytes) -> bytes:
    """A package as npm packs it; `more` are further members, a double underscore being a slash."""
    out = io.BytesIO()
    members = {SCRIPT_PLACE: SCRIPT, STYLE_PLACE: STYLE} | {
        name.replace("__", "/"): text for name, text in more.items()
    }
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return out.getvalue()


@pytest.fixture
def pinned(monkeypatch, tmp_path):
    """`pinned(content)`: that archive is the one meant, in a data folder of its own."""
    monkeypatch.setenv("SESSIONSCOPE_DATA", str(tmp_path / "data"))
    files = {place: (name, hashlib.sha256(text).hexdigest()) for (place, (name, _)), text in zip(recordings_player.FILES.items(), (SCRIPT, STYLE), strict=True)}  # fmt: skip # noqa: E501
    monkeypatch.setattr(recordings_player, "FILES", files)

    def pin(content: bytes):
        digest = base64.b64encode(hashlib.sha512(content).digest()).decode()
        monkeypatch.setattr(recordings_player, "INTEGRITY", f"sha512-{digest}")
        path = tmp_path / "player.tgz"
        path.write_bytes(content)
        return path

    return pin


def test_install_status_and_remove(pinned, tmp_path, capsys):
    path = pinned(archive())
    assert cli.main(["player", "status"]) == 0
    assert "is not installed" in capsys.readouterr().out
    assert cli.main(["player", "install", "--from", str(path)]) == 0
    assert "is installed in" in capsys.readouterr().out
    found = recordings_player.installed()
    assert (found.script.encode(), found.style.encode()) == (SCRIPT, STYLE)
    assert sorted(file.name for file in (tmp_path / "data").rglob("*")) == ["player", "replay.css", "replay.js"]
    assert cli.main(["player", "remove"]) == 0
    assert recordings_player.installed() is None
    assert cli.main(["player", "remove"]) == 0
    assert "nothing to remove" in capsys.readouterr().out


def test_another_archive_is_refused_and_the_old_one_stays(pinned, tmp_path):
    recordings_player.install(pinned(archive()))
    other = tmp_path / "other.tgz"
    other.write_bytes(archive(package__more=b"1"))
    with pytest.raises(UnreadableSource, match="Nothing was installed"):
        recordings_player.install(other)
    assert recordings_player.installed()


def test_what_was_changed_afterwards_is_not_played(pinned):
    recordings_player.install(pinned(archive()))
    (recordings_player.folder() / recordings_player.SCRIPT).write_text("alert(1)")
    assert recordings_player.installed() is None
    assert "puts it right" in recordings_player.status()


def test_nothing_else_of_an_archive_gets_out(pinned, tmp_path):
    recordings_player.install(
        pinned(archive(**{"..__..__evil.js": b"1", "__etc__evil": b"2", "package__dist__replay.js": b"3"}))
    )
    names = {file.name for file in tmp_path.rglob("*") if file.is_file()}
    assert names == {"player.tgz", "replay.js", "replay.css"}


def test_an_archive_without_the_files(pinned):
    with pytest.raises(UnreadableSource, match="does not hold the files"):
        recordings_player.install(pinned(archive(**{SCRIPT_PLACE.replace("/", "__"): b"something else"})))
    with pytest.raises(UnreadableSource, match="broken"):
        recordings_player.install(pinned(b"no archive"))
    assert recordings_player.installed() is None


@pytest.fixture
def registry(pinned, monkeypatch):
    """npm's registry on this machine."""
    content = archive()
    pinned(content)
    asked = []

    class Registry(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{server.server_address[1]}/npm/")
    yield asked
    server.shutdown()
    server.server_close()


def test_it_is_fetched_from_the_registry_that_npm_uses(registry):
    recordings_player.install()
    assert recordings_player.installed()
    assert registry == ["/npm/@rrweb/replay/-/replay-2.1.6.tgz"]


def test_no_way_to_the_registry(pinned, monkeypatch, capsys):
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    assert cli.main(["player", "install"]) == 2
    assert "--from" in capsys.readouterr().err
    monkeypatch.setenv("npm_config_registry", "file:///etc")
    with pytest.raises(InvalidQuestion, match="no http address"):
        recordings_player.install()
    assert cli.main(["player", "status", "--from", "x.tgz"]) == 2
