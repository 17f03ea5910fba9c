"""What is shipped, and that it runs the same wherever it is started: locked versions, the wheel, make, CI."""

import asyncio
import email
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from analytics.version import VERSION

ROOT = Path(__file__).parent.parent
LOCKS = [ROOT / name for name in ("constraints.txt", "constraints-dev.txt", "constraints-bench.txt")]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
POSIX = pytest.mark.skipif(os.name == "nt", reason="make and signals as POSIX has them")


def pinned(lock: Path) -> dict[str, str]:
    """Package -> version of a lock file; every entry is checked to be exact and to carry a hash."""
    versions = {}
    entries = (
        re.sub(r"^#.*\n", "", lock.read_text(encoding="utf-8"), flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    )
    for entry in entries:
        found = re.fullmatch(r"([a-z0-9-]+)==([^ ;]+)( ; [^\\]+?)?((?: +--hash=sha256:[0-9a-f]{64})+)", entry)
        assert found, f"{lock.name}: not a version with hashes: {entry[:100]}"
        versions[found[1]] = found[2]
    return versions


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_locked_versions_name_no_host_and_no_place(lock):
    text = lock.read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted-host|file:|@ |(?<![\w/])/\w+/", text)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_dependency_is_locked_and_agreed_on(lock):
    running, here = pinned(LOCKS[0]), pinned(lock)
    assert {name: here.get(name) for name in running} == running
    extra = lock.stem.removeprefix("constraints").strip("-")
    named = PROJECT["dependencies"] + (PROJECT["optional-dependencies"][extra] if extra else [])
    assert {re.match(r"[a-z0-9-]+", each)[0] for each in named} <= set(here)


def test_every_dependency_says_why():
    lines = (
        (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("dependencies = [")[1].split("]")[0].splitlines()
    )
    assert [line for line in lines if line.strip().startswith('"') and "  #" not in line] == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of what git would ship, by the build back end that the tests were installed with."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("app.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    for name in ("pages", "analytics", "sample_data", ".streamlit", "tests"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "secrets.toml"))
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(target)]
    subprocess.run(build, cwd=source, check=True, capture_output=True)
    [built] = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what `pip install` puts into site-packages."""
    folder = tmp_path_factory.mktemp("site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_the_wheel_holds_one_package_and_all_it_needs(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"sessionscope"}
    for needed in (
        "__init__.py __main__.py app.py pages/main.py analytics/schema.sql analytics/cli.py "
        "analytics/ingest/__init__.py sample_data/events.parquet sample_data/README.md "
        "sample_data/truth.json .streamlit/config.toml"
    ).split():
        assert f"sessionscope/{needed}" in names
    assert any(name.startswith("sessionscope/sample_data/pictures/") and name.endswith(".svg") for name in names)
    assert not [name for name in names if re.search(r"secrets|/tests/|\.duckdb|__pycache__", name)]


def test_the_wheel_has_a_command_and_the_version_of_the_code(wheel):
    archive = zipfile.ZipFile(wheel)
    read = {name.rsplit("/", 1)[-1]: name for name in archive.namelist() if ".dist-info/" in name}
    assert "sessionscope = sessionscope:main" in archive.read(read["entry_points.txt"]).decode()
    about = email.message_from_bytes(archive.read(read["METADATA"]))
    assert (about["Name"], about["Version"]) == ("sessionscope", VERSION)
    assert (about["License-Expression"], about["Requires-Python"]) == ("Apache-2.0", ">=3.11")


def test_importing_the_package_makes_its_parts_importable(installed, tmp_path):
    """Also from a folder that has an analytics/ and a pages/ of its own."""
    for decoy in ("analytics", "pages"):
        (tmp_path / decoy).mkdir()
        (tmp_path / decoy / "__init__.py").write_text("raise SystemExit('not ours')")
    code = "import sessionscope, analytics; print(sessionscope.__version__, analytics.__file__)"
    said = run_python(installed, "-c", code, cwd=tmp_path).stdout
    assert said.split() == [VERSION, str(installed / "sessionscope" / "analytics" / "__init__.py")]


def run_python(installed: Path, *arguments: str, cwd: Path, environment: Mapping[str, str] | None = None) -> Any:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(installed)} | (environment or {}),
        capture_output=True,
        text=True,
        timeout=120,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(installed: Path, cwd: Path, store: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The installed app, started from `cwd`; its process and its address once it answers."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "sessionscope", "run", "--store", str(store), "--port", str(port), *arguments],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(installed), "SESSIONSCOPE_HEADLESS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    url = f"http://localhost:{port}"
    try:
        for _ in range(300):
            try:
                urlopen(f"{url}/api/health", timeout=5).close()
                break
            except OSError:  # nobody there yet, or still starting
                assert process.poll() is None, process.stdout.read() if process.stdout else ""
                time.sleep(0.1)
        yield process, url
    finally:
        process.kill()
        process.wait()


async def hello(url: str) -> Any:
    """What Streamlit tells a browser that has just opened the page: its configuration and theme."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from websockets.asyncio.client import connect

    address = url.replace("http", "ws") + "/_stcore/stream"
    async with connect(address, subprotocols=["streamlit"], max_size=None, origin=url) as page:  # type: ignore[list-item,arg-type]
        question = BackMsg()
        question.rerun_script.query_string = ""
        await page.send(question.SerializeToString())
        while True:
            message = ForwardMsg()
            message.ParseFromString(await asyncio.wait_for(page.recv(), 30))  # type: ignore[arg-type]
            if message.WhichOneof("type") == "new_session":
                return message.new_session


@POSIX
def test_it_looks_and_listens_the_same_from_any_folder(installed, tmp_path):
    """Streamlit reads the .streamlit/config.toml of where one stands; ours holds all the same."""
    elsewhere = tmp_path / "somebody's project"
    (elsewhere / ".streamlit").mkdir(parents=True)
    (elsewhere / ".streamlit" / "config.toml").write_text(
        '[server]\naddress = "0.0.0.0"\nbaseUrlPath = "theirs"\n[browser]\ngatherUsageStats = true\n'
        '[theme]\nfont = "monospace"\n[theme.light]\nprimaryColor = "#ff00ff"\n'
    )
    (elsewhere / "pages").mkdir()
    (elsewhere / "pages" / "theirs.py").write_text("raise SystemExit('not ours')")
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    store = tmp_path / "own.duckdb"
    with running(installed, elsewhere, store) as (process, url):
        note = json.loads(store.with_name("own.duckdb.app.json").read_text())
        assert note == {"pid": process.pid, "url": url}

        session = asyncio.run(hello(url))
        assert session.custom_theme.light.primary_color == theme["light"]["primaryColor"]
        assert session.custom_theme.dark.background_color == theme["dark"]["backgroundColor"]
        assert session.custom_theme.base_font_size == theme["baseFontSize"]
        assert session.custom_theme.body_font == ""
        assert not session.config.gather_usage_stats
        assert listens_at(process.pid) <= {"127.0.0.1"}

        # A second process hears who has the store, and where.
        answers = [
            run_python(installed, "-m", "sessionscope", *words, cwd=elsewhere)
            for words in (("run", "--store", str(store)), ("ask", "sessions", "--store", str(store)))
        ]
        for answer in answers:
            assert answer.returncode == 1, answer
            assert str(process.pid) in answer.stderr and url in answer.stderr
            assert "Traceback" not in answer.stderr and len(answer.stderr.splitlines()) == 1

        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
        said = process.stdout.read() if process.stdout else ""
        assert said.splitlines()[0] == f"Sessionscope is at {url} (store {store}). Stop it with Ctrl+C."
        assert "Traceback" not in said
    assert not store.with_name("own.duckdb.app.json").exists()


def listens_at(pid: int) -> set[str]:
    """The addresses that process `pid` accepts connections at; empty where /proc does not tell."""
    inodes = set()
    for entry in Path(f"/proc/{pid}/fd").glob("*"):
        link = os.readlink(entry)
        if link.startswith("socket:["):
            inodes.add(link[8:-1])
    found = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        for line in table.read_text().splitlines()[1:] if table.exists() else ():
            columns = line.split()
            if columns[3] == "0A" and columns[9] in inodes:
                address = bytes.fromhex(columns[1].split(":")[0])
                found.add(".".join(str(byte) for byte in address[::-1]) if len(address) == 4 else address.hex())
    return found


@POSIX
def test_the_sample_shop_opens_from_the_root_folder(installed, tmp_path):
    port = free_port()
    environment = os.environ | {
        "PYTHONPATH": str(installed),
        "SESSIONSCOPE_DATA": str(tmp_path),
        "SESSIONSCOPE_HEADLESS": "1",
    }
    command = [sys.executable, "-m", "sessionscope", "run", "--demo", "--port", str(port)]
    process = subprocess.Popen(command, cwd="/", env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        while line and not line.startswith("Sessionscope is at"):
            line = process.stdout.readline()
        assert f"http://localhost:{port}" in line and str(tmp_path / "demo.duckdb") in line
        with urlopen(f"http://localhost:{port}/api/health") as answer:
            assert json.load(answer)["sessions"] > 20_000
        process.terminate()
        process.wait(timeout=20)
    finally:
        process.kill()
    assert sorted(path.name for path in tmp_path.glob("*.app.json")) == []


@POSIX
@pytest.mark.parametrize("target", ["run", "test"])
def test_an_old_python_gets_a_sentence(tmp_path, target):
    for name in ("Makefile", "constraints.txt", "constraints-dev.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    old = tmp_path / "python3.10"
    pretend = "import sys; sys.version_info = (3, 10, 2, 'final', 0); exec(sys.argv[1])"
    old.write_text(f'#!/bin/sh\nexec \'{sys.executable}\' -c "{pretend}" "$2"\n')
    old.chmod(0o755)
    answer = subprocess.run(["make", target, f"PYTHON={old}"], cwd=tmp_path, capture_output=True, text=True)
    assert answer.returncode != 0
    assert f"Sessionscope needs Python 3.11 or newer; {old} is 3.10. Name a newer one" in answer.stderr
    assert not (tmp_path / ".venv").exists()


@POSIX
def test_make_lists_what_it_can_do():
    said = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {line.split()[1] for line in said.splitlines()} >= {"run", "test", "fmt", "bench", "screenshots", "lock"}


@pytest.mark.skipif(os.environ.get("SESSIONSCOPE_CI") != "1", reason="only CI must have them (SESSIONSCOPE_CI=1)")
def test_ci_has_a_browser_and_java():
    """Tests that need one are skipped where it is missing. Not here: a skip would look like a pass."""
    chromium = os.environ.get("CHROMIUM", "")
    assert os.access(chromium, os.X_OK), f"no Chromium at {chromium!r}"
    assert subprocess.run(["java", "-version"], capture_output=True, check=True).returncode == 0
