"""`sessionscope run` up to the moment it serves: which store, which port, which browser."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics import places, serve
from analytics.errors import InvalidQuestion, UnreadableSource


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_taken_port_that_was_asked_for_is_a_mistake(taken):
    with pytest.raises(InvalidQuestion, match=f"Port {taken} is taken"):
        serve.choose_port(taken)


def test_the_next_free_port_is_taken_and_said(taken, monkeypatch, capsys):
    monkeypatch.setattr(serve, "PORT", taken)
    monkeypatch.setattr(serve.free_port, "__defaults__", (taken,))
    chosen = serve.choose_port(None)
    assert taken < chosen < taken + serve.PORTS_TRIED
    assert capsys.readouterr().out == f"Port {taken} is taken by another program, so this is port {chosen}.\n"


@pytest.mark.skipif(not socket.has_ipv6, reason="this Python has no IPv6")
def test_a_port_taken_by_the_other_internet_protocol_only_is_taken():
    """Otherwise `localhost` in the browser would be the other program."""
    with socket.socket(socket.AF_INET6) as listener:
        try:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind(("::1", 0))
        except OSError as error:
            pytest.skip(f"no IPv6 on this machine: {error}")
        listener.listen()
        if not any(row[0] == socket.AF_INET6 for row in socket.getaddrinfo("localhost", 80)):
            pytest.skip("localhost has no IPv6 address here")
        assert not serve.is_free(listener.getsockname()[1])


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_is_a_port(port):
    with pytest.raises(InvalidQuestion, match="1 to 65535"):
        serve.choose_port(port)


def test_the_sample_shop_goes_with_no_other_store_and_no_files(tmp_path):
    for other in ({"store": tmp_path / "own.duckdb"}, {"paths": [tmp_path / "events.csv"]}):
        with pytest.raises(InvalidQuestion, match="--demo"):
            serve.command(demo=True, **other)
    assert list(tmp_path.iterdir()) == []


def test_an_offered_folder_exists(tmp_path):
    with pytest.raises(UnreadableSource, match="no folder"):
        serve.command(store=tmp_path / "own.duckdb", data_dirs=[tmp_path / "exports"])
    assert list(tmp_path.iterdir()) == []


def test_folders_are_offered_once_each(monkeypatch, tmp_path):
    monkeypatch.setattr(places, "_offered", [])
    places.offer([tmp_path, tmp_path / "exports" / ".."])
    places.offer([tmp_path / "exports"])
    assert places.offered() == (tmp_path.resolve(), (tmp_path / "exports").resolve())


def test_stores_live_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("SESSIONSCOPE_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("SESSIONSCOPE_STORE", raising=False)
    assert places.own_store() == tmp_path / "data" / "sessionscope.duckdb"
    assert places.demo_store() == tmp_path / "data" / "demo.duckdb"
    monkeypatch.setenv("SESSIONSCOPE_STORE", "~/mine.duckdb")
    assert places.own_store() == Path.home() / "mine.duckdb"
    assert places.demo_store() == tmp_path / "data" / "demo.duckdb", "invented data stays apart"


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="XDG is for other systems")
@pytest.mark.parametrize(
    ("given", "expected"), [("/srv/share", "/srv/share"), ("share", "~/.local/share"), ("", "~/.local/share")]
)
def test_the_data_folder_follows_xdg(monkeypatch, given, expected):
    monkeypatch.delenv("SESSIONSCOPE_DATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", given)
    assert places.data_folder() == Path(expected).expanduser() / "sessionscope"


@pytest.mark.parametrize(
    ("environment", "opens"),
    [
        pytest.param({"DISPLAY": ":0"}, True, id="a screen"),
        pytest.param({"WAYLAND_DISPLAY": "wayland-0"}, True, id="another kind of screen"),
        pytest.param({}, False, id="no screen"),
        pytest.param({"DISPLAY": ":0", "CI": "true"}, False, id="nobody looks at CI"),
        pytest.param({"DISPLAY": ":10", "SSH_CONNECTION": "a b c d"}, False, id="the screen is elsewhere"),
        pytest.param({"DISPLAY": ":0", "SESSIONSCOPE_HEADLESS": "1"}, False, id="asked not to"),
    ],
)
def test_a_browser_is_opened_only_where_somebody_sees_it(monkeypatch, environment, opens):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "CI", "SSH_CONNECTION", "SESSIONSCOPE_HEADLESS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert serve.has_browser() is opens
