"""The index of README.md: every row has a test, every test that is named is there, every test here is named."""

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ROWS = [
    *(f"A{number}" for number in (*range(1, 13), *range(14, 21), 24)),
    *("B1", *(f"B{number}" for number in range(8, 16)), "B19", "B21", "B22"),
    *(f"C{number}" for number in range(1, 22)),
    *("D1", "D3", "D5", "D6", "D11", "E5", "E7", "E8", "E14"),
    *(f"G{number}" for number in range(1, 8)),
    *(f"H{number}" for number in (*range(1, 9), 11, 12)),
]
_LINE = re.compile(r"^\| (?P<row>[A-H]\d+) \|[^|]+\| (?P<tests>.+) \|$", re.MULTILINE)
_ROW_OF_TEST = re.compile(r"test_(?P<row>[a-h]\d+)_")


def _index() -> dict[str, list[tuple[Path, str]]]:
    """By row, the files and the patterns of names that README.md gives."""
    return {
        line["row"]: [_place(named) for named in re.findall(r"`([^`]+)`", line["tests"])]
        for line in _LINE.finditer((HERE / "README.md").read_text())
    }


def _place(named: str) -> tuple[Path, str]:
    file, _, pattern = named.partition("::")
    return (ROOT if "/" in file else HERE) / file, pattern


@lru_cache
def _tests_in(file: Path) -> frozenset[str]:
    tree = ast.parse(file.read_text())
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(node.name for node in functions if node.name.startswith("test_"))


def _tests_here() -> Iterator[tuple[Path, str, str]]:
    """File, name and row of every test of this folder that has a row in its name."""
    for file in HERE.glob("test_*.py"):
        for name in _tests_in(file):
            if found := _ROW_OF_TEST.match(name):
                yield file, name, found["row"].upper()


@pytest.mark.parametrize("row", ROWS)
def test_every_row_has_tests_that_exist(row: str):
    named = _index().get(row, [])

    assert named, f"row {row} has no test"
    for file, pattern in named:
        assert file.is_file(), f"{row} names {file}"
        assert any(fnmatch(name, pattern) for name in _tests_in(file)), f"{row} names {pattern} of {file.name}"


def test_every_test_here_is_named_under_its_row():
    index = _index()
    named_rows = [(file, name, row) for file, name, row in _tests_here() if row in ROWS]

    missing = [
        (row, file.name, name)
        for file, name, row in named_rows
        if not any(file == place and fnmatch(name, pattern) for place, pattern in index[row])
    ]

    assert len(named_rows) > len(ROWS)
    assert missing == []
