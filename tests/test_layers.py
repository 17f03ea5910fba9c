"""Who may import what. A line here is the architecture; the README draws the same picture."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "streamlit": ("app.py", "pages/"),
    "starlette": ("app.py", "pages/data/upload/route.py"),
    "plotly": ("analytics/charts/", "pages/"),
    "duckdb": ("analytics/store/", "analytics/ingest/"),
    "sqlglot": ("analytics/query.py",),
    "lark": ("analytics/patterns/",),
    "pyspark": (),
    "analytics.charts": ("pages/", "analytics/charts/"),
    "analytics.analyses": ("pages/", "analytics/charts/", "analytics/analyses/", "analytics/registry.py"),
    "analytics.registry": ("pages/", "analytics/cli.py"),
    "analytics.ingest": ("pages/", "analytics/ingest/", "analytics/cli.py", "analytics/serve.py", "analytics/demo.py"),
    "analytics.cli": ("analytics/__main__.py", "analytics/launcher.py"),
    "pages": ("app.py", "pages/"),
    "app": (),
}
FILES = [ROOT / "app.py", *sorted((ROOT / "analytics").rglob("*.py")), *sorted((ROOT / "pages").rglob("*.py"))]


def imported(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_arrows_run_one_way(file):
    place = file.relative_to(ROOT).as_posix()
    for name in imported(file):
        for package, places in MAY_IMPORT.items():
            if name == package or name.startswith(package + "."):
                assert place.startswith(places or ("nowhere",)), f"{place} imports {name}"


def test_an_event_is_inserted_in_bulk_by_one_function_only():
    others = [
        file
        for file in FILES
        if "INSERT INTO events" in file.read_text(encoding="utf-8").replace("insert into", "INSERT INTO")
        and "analytics/ingest" not in file.as_posix()
    ]
    assert not others


def test_a_page_that_ends_early_says_so_to_the_frame():
    """After `st.stop` the frame can no longer write the link; `pages.shared.end` lets it."""
    files = sorted((ROOT / "pages").rglob("*.py"))
    assert [file.name for file in files if "st.stop()" in file.read_text(encoding="utf-8")] == []
