"""The command line: what scripts depend on. One JSON document on standard output, one sentence for a mistake."""

import csv
import io
import json
import subprocess
import sys

import pytest

from analytics import cli, registry
from analytics.store import DuckStore

EVENTS = """\
timestamp,event,user_id,session_id,page,value
2026-03-02 09:00:00,page_view,u1,s1,/,
2026-03-02 09:01:00,order,u1,s1,/done,12.5
2026-03-02 10:00:00,page_view,u2,s2,/,
soon,page_view,u3,s3,/,
"""


@pytest.fixture
def csv_file(tmp_path):
    file = tmp_path / "events.csv"
    file.write_text(EVENTS, encoding="utf-8")
    return file


@pytest.fixture
def store_file(tmp_path, csv_file, capsys):
    assert cli.main(["import", str(csv_file), "--store", str(tmp_path / "s.duckdb"), "--json"]) == 0
    capsys.readouterr()
    return tmp_path / "s.duckdb"


def said(capsys):
    out, err = capsys.readouterr()
    return json.loads(out), err


def test_import_reports_every_row(tmp_path, csv_file, capsys):
    assert cli.main(["import", str(csv_file), "--store", str(tmp_path / "new" / "s.duckdb"), "--json"]) == 0
    report, _ = said(capsys)
    (row,) = report["imports"]
    assert set(row) >= {
        "file",
        "format",
        "rows_read",
        "events_added",
        "duplicates",
        "rejected",
        "not_events",
        "sessions",
        "users",
        "seconds",
    }
    counts = [row[name] for name in ("rows_read", "events_added", "duplicates", "rejected", "not_events")]
    assert counts == [4, 3, 0, 1, 0]
    assert (row["sessions"], row["users"]) == (2, 2)
    (reject,) = report["rejects"]
    assert reject["file"].endswith("events.csv")
    assert reject["line"] == 5 or reject["line"] == 4
    assert "soon" in reject["row"]
    assert reject["reason"]


def test_import_takes_patterns_that_the_shell_left_alone(tmp_path, csv_file, capsys):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "other.csv").write_text(EVENTS.replace("u1", "u9"), encoding="utf-8")
    assert cli.main(["import", f"{tmp_path}/**/*.csv", "--store", str(tmp_path / "s.duckdb"), "--json"]) == 0
    report, _ = said(capsys)
    assert [one["file"] for one in report["imports"]] == ["events.csv", "more/other.csv"]
    assert cli.main(["import", "ftp://example.org/a.csv", "--store", str(tmp_path / "s.duckdb")]) == 2
    assert (
        capsys.readouterr().err
        == "ftp://example.org/a.csv is no address known here; they begin with https:// or s3://.\n"
    )


def test_import_twice_adds_nothing_and_says_so(store_file, csv_file, capsys):
    assert cli.main(["import", str(csv_file), "--store", str(store_file), "--json"]) == 0
    report, _ = said(capsys)
    (row,) = report["imports"]
    assert (row["events_added"], row["duplicates"], row["rejected"]) == (0, 3, 1)
    assert cli.main(["import", str(csv_file), "--store", str(store_file)]) == 0
    assert "before" in capsys.readouterr().out


def test_ask_answers_with_its_scope(store_file, capsys):
    scope = json.dumps({"start": "2026-03-02", "stop": "2026-03-03"})
    params = json.dumps({"grain": "day", "goal": {"name": "order"}})
    command = ["ask", "overview", "--store", str(store_file), "--scope", scope, "--params", params]
    assert cli.main(command) == 0
    answer, _ = said(capsys)
    assert answer["sessions_in_scope"] == 2
    assert answer["scope"]["start"] == "2026-03-02"
    totals = answer["totals"]
    assert (totals["sessions"], totals["people"], totals["events"], totals["conversions"]) == (2, 2, 3, 1)
    assert (totals["converted_people"], totals["conversion_rate"]) == (1, 0.5)
    assert [row["start"] for row in answer["series"]] == ["2026-03-02"]


def test_ask_reads_json_from_a_file(store_file, tmp_path, capsys):
    file = tmp_path / "scope.json"
    file.write_text('{"where": [{"field": "event", "op": "is", "value": "order"}]}', encoding="utf-8")
    assert cli.main(["ask", "sessions", "--store", str(store_file), "--scope", f"@{file}"]) == 0
    answer, _ = said(capsys)
    assert answer["total"] == 1
    (row,) = answer["rows"]
    assert (row["session_id"], row["user"], row["start"]) == ("s1", "u1", "2026-03-02T09:00:00Z")
    assert (row["duration_s"], row["bounce"], row["entry_page"], row["exit_page"]) == (60.0, False, "/", "/")


@pytest.mark.parametrize("limit", [None, 100])
def test_ask_as_csv(limit, store_file, capsys):
    params = json.dumps({"limit": limit, "order_by": "start"})
    assert cli.main(["ask", "sessions", "--store", str(store_file), "--params", params, "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["session_id"] for row in rows] == ["s1", "s2"]


def test_ask_as_sql_needs_no_store(capsys):
    assert cli.main(["ask", "heatmap", "--store", "none", "--params", '{"page": "/it\'s"}', "--format", "sql"]) == 0
    out = capsys.readouterr().out
    assert "-- $page = '/it''s'" in out
    assert "FROM scoped_clicks" in out


def test_list_gives_schema_and_example(capsys):
    assert cli.main(["list", "--json"]) == 0
    listed, _ = said(capsys)
    assert {entry["name"] for entry in listed} == set(registry.modules())
    for entry in listed:
        assert set(entry) == {"name", "question", "params", "example"}
        assert registry.params(registry.analysis(entry["name"]), json.dumps(entry["example"]))
    assert cli.main(["list"]) == 0
    assert "funnel" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["ask", "funel"], "There is no analysis 'funel'"),
        (["ask", "overview", "--params", '{"grain": "month"}'], 'grain is "month"'),
        (["ask", "overview", "--params", "{"], "the parameters of overview"),
        (["ask", "overview", "--params", "@none.json"], "none.json cannot be read"),
        (["ask", "overview", "--scope", '{"where": [{"field": "pag", "op": "is_set"}]}'], "There is no field 'pag'"),
        (["ask", "overview", "--scope", '{"where": [{"field": "page", "op": "regex", "value": "(("}]}'], "missing"),
        (["ask", "heatmap"], "page"),
    ],
)
def test_a_mistake_is_one_sentence(arguments, sentence, store_file, capsys):
    assert cli.main([*arguments, "--store", str(store_file)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert sentence in err
    assert err.count("\n") == 1
    assert "Traceback" not in err


def test_ask_never_makes_a_store(tmp_path, capsys):
    assert cli.main(["ask", "overview", "--store", str(tmp_path / "none.duckdb")]) == 2
    assert "There is no store at" in capsys.readouterr().err
    assert not (tmp_path / "none.duckdb").exists()


@pytest.mark.parametrize("command", [["ask", "overview"], ["forget", "u1"], ["rezone", "Europe/Berlin"]])
def test_a_store_in_use_is_told_with_exit_code_1(command, store_file):
    owner = DuckStore.open(store_file)
    command = [sys.executable, "-m", "analytics", *command, "--store", str(store_file)]
    taken = subprocess.run(command, capture_output=True, text=True)
    owner.close()
    assert taken.returncode == 1
    assert "is in use by another process" in taken.stderr
    assert "Traceback" not in taken.stderr


def test_several_may_ask_at_once(store_file):
    command = [sys.executable, "-m", "analytics", "ask", "overview", "--store", str(store_file)]
    reader = DuckStore.open(store_file, read_only=True)
    asked = subprocess.run(command, capture_output=True, text=True)
    reader.close()
    assert asked.returncode == 0, asked.stderr
    assert json.loads(asked.stdout)["sessions_in_scope"] == 2


@pytest.mark.parametrize("wrong", [["import"], ["ask"], ["nonsense"], ["import", "x", "--store", "s", "--map", "a"]])
def test_a_wrong_command_exits_with_2(wrong):
    with pytest.raises(SystemExit) as stop:
        cli.main(wrong)
    assert stop.value.code == 2


def printed(capsys):
    return capsys.readouterr().out.replace("\u00a0", " ")


def test_a_store_moves_to_another_zone(store_file, capsys):
    assert cli.main(["rezone", "Pacific/Kiritimati", "--store", str(store_file), "--json"]) == 0
    assert said(capsys)[0] == {"sessions": 1, "days": 2, "before": "UTC", "zone": "Pacific/Kiritimati"}
    assert cli.main(["rezone", "America/Denver", "--store", str(store_file)]) == 0
    assert printed(capsys) == (
        "Days are cut in America/Denver now, not in Pacific/Kiritimati: 1 session lies on another day than before.\n"
    )
    assert cli.main(["ask", "overview", "--store", str(store_file), "--scope", '{"stop": "2026-03-02"}']) == 0
    assert said(capsys)[0]["sessions_in_scope"] == 0
    assert cli.main(["rezone", "America/Denver", "--store", str(store_file)]) == 0
    assert printed(capsys) == "Days are cut in America/Denver already.\n"


def test_a_person_is_forgotten(store_file, capsys):
    assert cli.main(["forget", "u1", "--store", str(store_file), "--json"]) == 0
    assert said(capsys)[0] == {
        "events": 2,
        "sessions": 1,
        "ids": 1,
        "named_in": [],
        "still_in_file": None,
        "not_remembered": None,
    }
    assert cli.main(["forget", "u2", "--store", str(store_file)]) == 0
    assert printed(capsys) == "Forgotten: 1 event, 1 session, 1 id.\n"
    assert cli.main(["forget", "u2", "--store", str(store_file)]) == 2
    assert "'u2'" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["forget", "u1"], ["rezone", "UTC"]])
def test_neither_makes_a_store(command, tmp_path, capsys):
    assert cli.main([*command, "--store", str(tmp_path / "none.duckdb")]) == 2
    assert "There is no store at" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
