"""Folders, patterns and archives: every file in them once, by a name that says where it lies; and archives made to do harm."""

import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics import ingest
from analytics.errors import UnreadableSource
from analytics.ingest import sources

ROOT = Path(__file__).parents[2]
HEAD = "timestamp,event,user_id\n"


def table(*names: str) -> bytes:
    """A table of one event per name, all of the user u."""
    return (HEAD + "".join(f"2024-01-01 10:00:0{n},{name},u\n" for n, name in enumerate(names))).encode()


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def tarred(members: dict[str, bytes], mode: str = "w:gz", **kinds: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            kind = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            info.size, info.type = len(content), kinds.get("type", kind)
            info.linkname = "/etc/passwd" if info.type in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
            archive.addfile(info, io.BytesIO(content))
    return made.getvalue()


def asked(store, statement):
    with store.reading_cursor() as cursor:
        return cursor.execute(statement).fetchall()


def imported(report) -> list[tuple[str, int]]:
    return [(one.file, one.events_added) for one in report.imports]


def parquet_of(*names: str) -> bytes:
    made = io.BytesIO()
    pq.write_table(
        pa.table({"timestamp": ["2024-01-01"] * len(names), "event": names, "user_id": ["u"] * len(names)}), made
    )
    return made.getvalue()


EVERY_KIND = {
    "b.csv": table("b1", "b2"),
    "inner/a.jsonl.gz": gzip.compress(b'{"timestamp": "2024-01-02", "event": "a", "user_id": "u"}\n'),
    "inner/c.parquet": parquet_of("c1", "c2", "c3"),
    "d d.json": json.dumps([{"timestamp": "2024-01-03", "event": "d", "user_id": "u"}]).encode(),
}
THEIR_ROWS = [("b.csv", 2), ("inner/a.jsonl.gz", 1), ("inner/c.parquet", 3), ("d d.json", 1)]


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(zipped(EVERY_KIND), id="zip"),
        pytest.param(zipped(EVERY_KIND, zipfile.ZIP_STORED), id="zip, stored"),
        pytest.param(zipped(EVERY_KIND, zipfile.ZIP_LZMA), id="zip, LZMA"),
        pytest.param(tarred(EVERY_KIND, "w:"), id="tar"),
        pytest.param(tarred(EVERY_KIND, "w:gz"), id="tar.gz"),
        pytest.param(tarred(EVERY_KIND, "w:xz"), id="tar.xz"),
        pytest.param(pa.compress(tarred(EVERY_KIND, "w:"), "zstd", asbytes=True), id="tar.zst"),
    ],
)
def test_every_file_of_an_archive_comes_in_under_its_name(store, file, packed):
    """Whatever the archive is called: it is told by its first bytes."""
    report = ingest.load(store, [file("export", packed)])
    assert imported(report) == [(f"export/{name}", rows) for name, rows in THEIR_ROWS]
    assert list(store.spool.glob("load-*")) == []


def test_an_export_of_amplitude(store, file):
    """A zip of gzipped JSON lines, one file per hour."""
    row = {
        "amplitude_id": 7,
        "event_type": "click",
        "event_time": "2024-01-01 10:00:00.000000",
        "user_id": "u",
        "session_id": 1704103200000,
    }
    hours = {
        f"187520/187520_2024-01-01_{hour}#1.json.gz": gzip.compress(
            "".join(json.dumps(row | {"$insert_id": f"{hour}-{n}", "event_id": n}) + "\n" for n in range(3)).encode()
        )
        for hour in (9, 10)
    }  # fmt: skip
    report = ingest.load(store, [file("export.zip", zipped(hours))])
    assert [(one.file, one.format, one.events_added) for one in report.imports] == [
        (f"export.zip/{name}", "amplitude", 3) for name in hours
    ]


def test_the_same_bytes_are_repeats_packed_or_not(store, file):
    ingest.load(store, [file("a.csv", table("a", "b"))])
    report = ingest.load(store, [file("day.zip", zipped({"other name.csv": table("a", "b"), "new.csv": table("c")}))])
    assert [(one.events_added, one.duplicates) for one in report.imports] == [(0, 2), (1, 0)]
    assert report.imports[0].came_before.file == "a.csv"


def test_what_systems_leave_in_archives_is_no_export(store, file):
    left = {
        "__MACOSX/._a.csv": b"\0" * 100,
        ".DS_Store": b"\0",
        "sub/.hidden": b"x",
        "sub/Thumbs.db": b"x",
        "sub/": b"",
    }
    for packed in (zipped(left | {"a.csv": table("a")}), tarred(left | {"a.csv": table("a", "b")})):
        report = ingest.load(store, [file("export", packed)])
        assert [one.file for one in report.imports] == ["export/a.csv"]
    with pytest.raises(UnreadableSource, match=r"There is no file in empty.zip\."):
        ingest.load(store, [file("empty.zip", zipped({}))])


def test_a_sentence_about_a_member_says_where_it_lies(store, file):
    packed = file("day.zip", zipped({"a.csv": table("a"), "sub/b.csv": b"colour,size\n1,2\n", "c.csv": b""}))
    with pytest.raises(UnreadableSource, match=r"^day.zip/sub/b.csv has no column for the time"):
        ingest.load(store, [packed])
    assert asked(store, "SELECT count(*) FROM imports") == [(0,)]
    report = ingest.load(store, [packed], ingest.Options(skip_unreadable=True))
    assert [one.file for one in report.skipped] == ["day.zip/sub/b.csv", "day.zip/c.csv"]
    assert report.skipped[1].reason == "day.zip/c.csv is empty."


def test_files_of_a_folder_are_told_apart_by_their_way(store, file, tmp_path):
    for day in (2, 1):
        file(f"export/day={day}/part-0.csv", table(f"d{day}"))
    file("export/day=1/_SUCCESS", "")
    report = ingest.load(store, [tmp_path / "export"])
    assert imported(report) == [("day=1/part-0.csv", 1), ("day=2/part-0.csv", 1)]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        pytest.param("*.csv", ["a.csv", "b.csv"], id="one folder"),
        pytest.param("**/*.csv", ["a.csv", "b.csv", "deep/c.csv", "deep/er/d.csv"], id="any depth"),
        pytest.param("deep/**", ["c.csv", "er/d.csv", "f.txt"], id="everything below, once"),
        pytest.param("[ab].csv", ["a.csv", "b.csv"], id="one of some characters"),
        pytest.param("de?p", ["deep/c.csv", "deep/er/d.csv", "deep/f.txt"], id="a folder by pattern"),
        pytest.param("x[1].csv", ["x[1].csv"], id="a name that looks like a pattern"),
    ],
)
def test_a_pattern_names_files(file, tmp_path, pattern, found):
    names = ["a.csv", "b.csv", "deep/c.csv", "deep/er/d.csv", "deep/f.txt", ".hidden.csv"]
    for name in names if "x" not in pattern else ["x1.csv", "x[1].csv"]:
        file(name, table("a"))
    assert [place.name for place in sources.places([f"{tmp_path}/{pattern}"])] == found


def test_a_pattern_that_fits_nothing_says_so(store, tmp_path):
    with pytest.raises(UnreadableSource, match=r"There is no file that fits .*nothing-\*.csv\."):
        ingest.load(store, [f"{tmp_path}/nothing-*.csv"])
    with pytest.raises(UnreadableSource, match=r"There is no file .*nothing-\*.csv\."):  # a path is no pattern
        ingest.load(store, [tmp_path / "nothing-*.csv"])


def test_a_store_in_the_folder_that_is_imported_is_no_export(tmp_path, file):
    from analytics.store import DuckStore

    file("here/a.csv", HEAD.strip() + ",ip\n2024-01-01,a,u,203.0.113.7\n")
    store = DuckStore.open(tmp_path / "here" / "s.duckdb")
    try:
        assert imported(ingest.load(store, [tmp_path / "here"])) == [("a.csv", 1)]
        report = ingest.load(store, [tmp_path / "here"])  # by now it has its key and its spool beside it
        assert [(one.file, one.duplicates) for one in report.imports] == [("a.csv", 1)]
    finally:
        store.close()


def test_members_are_known_without_unpacking(file):
    for packed in (zipped(EVERY_KIND | {".x": b""}), tarred(EVERY_KIND | {".x": b""})):
        found = sources.members(file("export.zip", packed))
        assert found == tuple(
            sources.Member(f"export.zip/{name}", len(content)) for name, content in EVERY_KIND.items()
        )
        assert sources.members(file("export.zip", packed), most=2) == found[:2]
    assert sources.members(file("a.csv", table("a"))) == ()


def test_a_preview_of_an_archive_is_one_of_its_first_file(file):
    preview = ingest.preview(file("export.zip", zipped(EVERY_KIND)))
    assert (preview.file, preview.format, preview.names) == ("export.zip/b.csv", "csv", (("b1", 1), ("b2", 1)))


def flagged(packed: bytes, flag: int = 1, method: int | None = None) -> bytes:
    """A zip whose members say that they are encrypted, or packed by another method."""
    made = bytearray(packed)
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = made.find(magic)
        while at >= 0:
            made[at + flags] |= flag
            if method is not None:
                made[at + flags + 2 : at + flags + 4] = method.to_bytes(2, "little")
            at = made.find(magic, at + 4)
    return bytes(made)


def linked(target: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        info = zipfile.ZipInfo("link.csv")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, target)
        archive.writestr("a.csv", table("a"))
    return made.getvalue()


WHOLE = zipped({"a.csv": table(*"abc") * 2000})
WORKBOOK = zipped({"[Content_Types].xml": b"<Types/>", "xl/worksheets/sheet1.xml": b"<worksheet/>"})


@pytest.mark.parametrize(
    ("packed", "sentence"),
    [
        pytest.param(zipped({"../../etc/cron.d/x": table("a")}), "^evil holds a file with the path ../../etc/cron.d/x, which leaves the archive", id="a path that leaves"),
        pytest.param(zipped({"a\\..\\..\\x.csv": table("a")}), "which leaves the archive", id="a path that leaves, Windows"),
        pytest.param(tarred({"a/../../x.csv": table("a")}), "which leaves the archive", id="a path that leaves a tar"),
        pytest.param(flagged(WHOLE), "^evil is encrypted; unpack it with its password and import the files inside.", id="encrypted"),
        pytest.param(flagged(WHOLE, 0, method=9), "^evil/a.csv is packed in a way not known here; unpack it", id="Deflate64"),
        pytest.param(zipped({"b.zip": zipped({"a.csv": table("a")})}), "^evil/b.zip is an archive within an archive", id="a zip in a zip"),
        pytest.param(zipped({"b.tgz": tarred({"a.csv": table("a")})}), "^evil/b.tgz is an archive within an archive", id="a tar.gz in a zip"),
        pytest.param(tarred({"b.zip": zipped({"a.csv": table("a")})}), "^evil/b.zip is an archive within an archive", id="a zip in a tar"),
        pytest.param(gzip.compress(zipped({"a.csv": table("a")})), "^evil is an archive within an archive", id="a zip in a gz"),
        pytest.param(WORKBOOK, "^evil is an Office document; save its table as CSV.", id="a workbook"),
        pytest.param(zipped({"book.xlsx": WORKBOOK}), "^evil/book.xlsx is an archive within an archive", id="a workbook in a zip"),
        pytest.param(WHOLE[:-30], "^evil is no whole archive: it breaks off or is damaged; fetch it again.", id="half a zip"),
        pytest.param(WHOLE[:60] + bytes([WHOLE[60] ^ 255]) + WHOLE[61:], "^evil/a.csv is no whole archive", id="a damaged member"),
        pytest.param(tarred({"a.csv": table("a") * 5000})[:300], "^evil", id="half a tar.gz"),
        pytest.param(tarred({"a.csv": table("a") * 5000}, "w:")[:5000], "^evil is no whole archive", id="half a tar"),
        pytest.param(zipped({"a.csv": HEAD.encode() + b"2024-01-01,a,u\n" * 300_000}), "^evil would unpack to more than 250 times its size, as no export does", id="a bomb"),
        pytest.param(tarred({"a.csv": HEAD.encode() + b"2024-01-01,a,u\n" * 300_000}), "^evil would unpack to more than 250 times its size", id="a bomb in a tar.gz"),
        pytest.param(gzip.compress(HEAD.encode() + b"2024-01-01,a,u\n" * 300_000), "^evil would unpack to more than 250 times its size", id="a bomb in a gz"),
        pytest.param(zipped({"b.gz": gzip.compress(HEAD.encode() + b"2024-01-01,a,u\n" * 300_000)}), "^evil/b.gz would unpack to more than 250 times its size", id="a bomb in a gz in a zip"),
    ],
)  # fmt: skip
def test_an_archive_made_to_do_harm_is_refused(store, file, tmp_path, monkeypatch, packed, sentence):
    monkeypatch.setattr("analytics.ingest.files.RATIO_FROM", 1_000_000)
    before = sorted(tmp_path.rglob("*"))
    evil = file("evil", packed)
    with pytest.raises(UnreadableSource, match=sentence):
        ingest.load(store, [evil])
    assert sorted(tmp_path.rglob("*")) == sorted([*before, evil])
    assert list(store.spool.glob("load-*")) == []
    assert asked(store, "SELECT count(*) FROM imports") == [(0,)]


def test_an_archive_larger_than_the_disk_is_refused_before_it_is_unpacked(store, file, monkeypatch):
    """The size a member declares is the most that is unpacked of it, so it may be believed."""
    monkeypatch.setattr("analytics.ingest.sources.shutil.disk_usage", lambda folder: SimpleNamespace(free=50_000))
    with pytest.raises(UnreadableSource, match="^day.zip takes 192\u00a0kB, and the store's disk has 50\u00a0kB free."):
        ingest.load(store, [file("day.zip", WHOLE)])
    with pytest.raises(UnreadableSource, match="^day.tgz/a.csv takes 192\u00a0kB"):
        ingest.load(store, [file("day.tgz", tarred({"a.csv": table(*"abc") * 2000}))])


def test_a_link_in_an_archive_is_left_out_and_said(store, file):
    for packed in (linked("/etc/passwd"), linked("../../etc/passwd")):
        report = ingest.load(store, [file("day.zip", packed)])
        assert [(one.file, one.reason) for one in report.skipped] == [
            ("day.zip/link.csv", "it is a link, and only files are read from an archive.")
        ]
        assert [one.file for one in report.imports] == ["day.zip/a.csv"]
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
        with pytest.raises(UnreadableSource, match="it is a link or a device"):
            ingest.load(store, [file("day.tar", tarred({"link.csv": b""}, type=kind))])


def test_absolute_paths_in_an_archive_are_only_names(store, file):
    for name in ("/var/log/a.csv", "C:\\logs\\a.csv", "\\\\host\\a.csv"):
        for packed in (zipped({name: table("a")}), tarred({name: table("a")})):
            (found,) = sources.members(file("day", packed))
            assert found.name in ("day/var/log/a.csv", "day/logs/a.csv", "day/host/a.csv")
            ingest.load(store, [file("day", packed)])


def test_strange_names_of_members(store, file):
    names = [
        "*.csv",
        "x[1].csv",
        "it's.csv",
        "naïve 日本.csv",
        "$HOME.csv",
        " .csv",
        "a" * 250 + ".csv",
        "c:d.csv",
        "🛒",
    ]
    report = ingest.load(store, [file("day.zip", zipped({name: table(name) for name in names}))])
    assert [one.file for one in report.imports] == [f"day.zip/{name}" for name in names]
    assert report.events_added == len(names)


def test_what_another_program_writes_is_read_once_and_whole(store, tmp_path):
    """`sessionscope import <(zcat day.gz)`: a pipe has no beginning to go back to."""
    pipe = tmp_path / "pipe"
    for content, names in ((table("a", "b"), ["pipe"]), (zipped({"c.csv": table("c")}), ["pipe/c.csv"])):
        os.mkfifo(pipe)
        writer = threading.Thread(target=pipe.write_bytes, args=(content,))
        writer.start()
        report = ingest.load(store, [pipe])
        writer.join()
        pipe.unlink()
        assert [one.file for one in report.imports] == names
    assert [row[0] for row in asked(store, "SELECT name FROM events ORDER BY name")] == ["a", "b", "c"]
    with pytest.raises(UnreadableSource, match="^/dev/zero is a device and no file.$"):
        ingest.load(store, ["/dev/zero"])


def test_unpacking_takes_no_memory(tmp_path):
    """200 MB come out of an archive through a few MB of it."""
    archive = zipfile.ZipFile(tmp_path / "large.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with archive, archive.open("a.csv", "w") as out:
        for n in range(200):
            out.write((f"2024-01-01,event {n},u{n}".encode() + os.urandom(30).hex().encode() + b"\n") * 11_000)
    script = f"""
import resource, sys
from pathlib import Path
from analytics.ingest import sources
from analytics.ingest.watch import Watch

peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
before = peak()
(place,) = sources.places([{str(tmp_path / "large.zip")!r}])
sizes = [source.path.stat().st_size for source in sources.read(place, Path({str(tmp_path)!r}), Watch(print, lambda: False))]
print(sizes[0], peak() - before)
"""
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    size, megabytes = map(int, said.split())
    assert size > 180_000_000
    assert megabytes < 40
