"""What the documents say of each other and of the tree is so."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ADRS = {file.name[:4]: file for file in (ROOT / "docs/adr").glob("[0-9]*.md")}
PARTS = ("services", "gateway", "jobs", "chassis", "tests", "deploy")
DOCUMENTS = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(file for part in PARTS for file in (ROOT / part).rglob("*.md")),
    ]
)
SOURCES = [file for part in PARTS for file in sorted((ROOT / part).rglob("*.py")) if file != Path(__file__)]
TOP = "tests|services|gateway|jobs|chassis|deploy|protos|docs"
_PATH = re.compile(rf"`((?:{TOP})/[\w./-]+?)(?:::[\w*]+)?`")
_LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
_REFERENCE = re.compile(r"ADR-(\d{4})|docs/adr/(\d{4})|\(adr/(\d{4})|\]\((\d{4})-")
_OTHER_SPELLING = re.compile(r"ADR[ _]?\d{3,4}|(?<!\]\()docs/adr(?!/\d{4}|/README|`)")
_TEST = re.compile(r"`(?:tests/[\w/.]+\.py::)?(test_\w+)`")


@cache
def _tests() -> str:
    return "\n".join(source.read_text(encoding="utf-8") for source in (ROOT / "tests").rglob("*.py"))


def named(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_path_that_is_named_is_there(document: Path):
    text = document.read_text(encoding="utf-8")
    paths = {path.rstrip("/.") for path in _PATH.findall(text)}
    links = {link for link in _LINK.findall(text) if not link.startswith("/")}

    assert {path for path in paths if not list(ROOT.glob(path))} == set()
    assert {link for link in links if not (document.parent / link).exists()} == set()


@pytest.mark.parametrize("number", sorted(ADRS))
def test_every_decision_is_titled_and_checked(number: str):
    text = ADRS[number].read_text(encoding="utf-8")

    assert text.startswith(f"# {number} ")
    for part in ("Context", "Decision", "Consequences", "Alternatives", "Check"):
        assert f"**{part}.**" in text, part
    assert [name for name in _TEST.findall(text) if f"def {name}(" not in _tests()] == []


def test_numbers_are_given_once():
    given = Counter(file.name[:4] for file in (ROOT / "docs/adr").glob("[0-9]*.md"))

    assert [number for number, count in given.items() if count > 1] == []


def test_decisions_that_are_named_are_there_and_spelt_alike():
    missing, odd = [], []
    for file in (*DOCUMENTS, *SOURCES, ROOT / "buf.yaml"):
        text = file.read_text(encoding="utf-8")
        numbers = {number for found in _REFERENCE.findall(text) for number in found if number}
        missing += [(named(file), number) for number in numbers - ADRS.keys()]
        odd += [(named(file), spelling) for spelling in _OTHER_SPELLING.findall(text)]

    assert missing == []
    assert odd == []


def test_words_of_the_glossary_come_once_and_in_order():
    words = re.findall(r"^\| \*\*(.+?)\*\* \|", (ROOT / "docs/glossary.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert [word for word, count in Counter(words).items() if count > 1] == []
    assert words == sorted(words, key=str.casefold)
