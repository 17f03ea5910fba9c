"""Words that must agree: the README's glossary and formats, the pages and their navigation."""

import re
from pathlib import Path

from analytics import ingest, vocabulary
from analytics.ingest.fields import BY_NAME

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_has_the_glossary_word_for_word():
    rows = dict(re.findall(r"^\| ([^|]+?) \| (.+?) \|$", README, re.MULTILINE))
    assert {word: rows.get(word) for word in vocabulary.GLOSSARY} == vocabulary.GLOSSARY


def test_the_readme_names_every_field():
    fields = README[README.index("Fields: ") :].split("\n\n")[0]
    named = set(re.findall(r"`([a-z_]+)`", fields))
    assert named == set(BY_NAME) - {"element_tag"}


def test_every_file_of_a_section_is_a_page_of_the_navigation():
    navigation = (ROOT / "pages" / "shared" / "navigation.py").read_text(encoding="utf-8")
    sections = [folder for folder in (ROOT / "pages").iterdir() if folder.is_dir() and folder.name not in NO_SECTION]
    for folder in sections:
        pages = [file for file in folder.glob("*.py") if file.name != "__init__.py" and "\nhead(" in "\n" + read(file)]
        for file in pages:
            assert f"{folder.name}/{file.stem}" in navigation, f"{file} is in no navigation"
    assert len(sections) >= 5


def test_documents_stand_alone():
    for file in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "sample_data" / "README.md"):
        assert not re.search(r"\.\./shared|/work/|\bhelper\b|issue #?\d", read(file)), file


def test_the_options_of_an_import_are_documented():
    for option in ("--map", "--set", "--rename"):
        assert option in README
    assert ingest.Options().dedupe == "none"


NO_SECTION = {"shared", "assets", "__pycache__"}


def read(file):
    return file.read_text(encoding="utf-8")
