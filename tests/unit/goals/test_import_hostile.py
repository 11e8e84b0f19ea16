"""Files made to do harm: each is refused as a whole or told in parts, and takes no more than it may."""

import io
import json
import sqlite3
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.errors import InvalidArgument
from services.goals.domain.transfer import MAX_ENTRIES, MAX_FILE_BYTES, Source, containers, parse
from services.goals.domain.transfer.writer import guarded, unguarded
from tests.support.foreign import (
    HABITS_HEADER,
    beeminder_file,
    beeminder_goal,
    habitica_file,
    loop_archive,
    loop_backup,
    packed,
    plain_backup,
    point,
)
from tests.unit.goals.transfers import arranged, days

FILES = {
    Source.LOOP: [loop_archive(), plain_backup()],
    Source.BEEMINDER: [beeminder_file()],
    Source.HABITICA: [habitica_file()],
}


def refusal(source: Source, content: bytes) -> str:
    with pytest.raises(InvalidArgument) as refused:
        parse(source, content)
    [violation] = refused.value.violations
    assert violation.field == "file"
    return violation.message


@contextmanager
def refused_at_most() -> Iterator[None]:
    """What is within may refuse the file; nothing else may come of it."""
    problem: InvalidArgument | None = None
    try:
        yield
    except InvalidArgument as refused:
        problem = refused
    assert problem is None or [each.field for each in problem.violations] == ["file"]


# Any bytes.


@pytest.mark.parametrize("source", Source)
@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=400))
def test_any_bytes_are_refused_or_read(source: Source, content: bytes):
    with refused_at_most():
        parse(source, content)


@pytest.mark.parametrize(("source", "content"), [(source, each) for source, files in FILES.items() for each in files])
def test_a_file_cut_anywhere_is_refused_or_told(source: Source, content: bytes):
    for end in range(0, len(content), max(1, len(content) // 60)):
        with refused_at_most():
            arranged(source, content[:end])


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_file_with_bytes_turned_is_refused_or_told(data: st.DataObject):
    source = data.draw(st.sampled_from(sorted(FILES)))
    content = bytearray(data.draw(st.sampled_from(FILES[source])))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with refused_at_most():
        arranged(source, bytes(content))


@pytest.mark.parametrize("source", Source)
def test_another_kind_of_file_is_refused(source: Source):
    for other, files in FILES.items():
        for content in files:
            if other is not source:
                refusal(source, content)


def test_an_empty_and_an_overlong_file_are_refused():
    assert refusal(Source.TANDEM, b"") == "is empty"
    assert refusal(Source.TANDEM, b" " * (MAX_FILE_BYTES + 1)) == "is larger than 20 MiB"


# JSON.


def test_deep_json_is_refused():
    assert "nested deeper" in refusal(Source.BEEMINDER, b"[" * 100_000)
    assert "nested deeper" in refusal(Source.BEEMINDER, b'{"a":' * 40 + b"1" + b"}" * 40)


def test_a_string_without_an_end_is_judged_as_fast_as_any():
    assert "not valid JSON" in refusal(Source.BEEMINDER, b'["' + b'\\"' * 1_000_000)


def test_json_made_of_nothing_but_lists_is_refused():
    assert "more lists and objects" in refusal(Source.BEEMINDER, b"[" + b"[]," * 700_000 + b"1]")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "9" * 5000, "0x10"])
def test_what_is_no_number_of_json_is_refused(number: str):
    assert "not valid JSON" in refusal(Source.BEEMINDER, b'[{"slug": "x", "rate": %s}]' % number.encode())


def test_broken_texts_come_in_whole():
    """Half of a surrogate pair and NUL can be written in JSON and cannot be stored."""
    goal = json.dumps(
        [beeminder_goal("x", title="a\ud800\x00b", datapoints=[point(1, "2026-03-02", 1, comment="\udfff\x00")])]
    )

    arrival = arranged(Source.BEEMINDER, goal.encode()).arrivals[0]

    for text in (arrival.goal.title, arrival.activities[0].note):
        assert "\x00" not in text
        text.encode()


def test_keys_are_stored_short_and_plain():
    points = [point(1, "2026-03-02", 1, id="\x00" * 9), point(2, "2026-03-03", 1, id="k" * 100_000)]

    arrival = arranged(Source.BEEMINDER, json.dumps([beeminder_goal("x", datapoints=points)]).encode()).arrivals[0]

    assert all(len(key) <= 100 and key.isprintable() for key in arrival.keys)
    assert len(set(arrival.keys)) == 2


def test_more_entries_than_may_be_are_refused():
    points = [{"timestamp": 1_700_000_000 + n, "value": 1} for n in range(MAX_ENTRIES + 1)]

    assert "more than 100000 entries" in refusal(
        Source.BEEMINDER, json.dumps([beeminder_goal("x", datapoints=points)]).encode()
    )


def test_more_goals_than_may_be_are_refused():
    goals = [{"slug": f"g{n}", "goal_type": "hustler", "rate": 1, "runits": "w"} for n in range(1001)]

    assert "more than 1000 goals" in refusal(Source.BEEMINDER, json.dumps(goals).encode())


# ZIP.


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch):
    bomb = packed({"Habits.csv": b"0" * (70 * 2**20)})
    assert len(bomb) < 100_000

    assert "MiB when it is unpacked" in refusal(Source.LOOP, bomb)


def test_many_small_bombs_are_none_that_is_unpacked():
    files = {f"{n:03} A/Checkmarks.csv": b"Date,Value\n" + b"2026-03-01,2\n" * 100_000 for n in range(1, 80)}
    rows = "".join(f"{n:03},A{n},YES_NO,,,1,1,,,,,false\n" for n in range(1, 80))

    assert "MiB when it is unpacked" in refusal(
        Source.LOOP, packed({"Habits.csv": f"{HABITS_HEADER}\n{rows}", **files})
    )


def test_a_directory_that_lies_about_sizes_is_refused():
    content = bytearray(packed({"Habits.csv": "x" * 1000}, compression=zipfile.ZIP_STORED))
    directory = content.rindex(b"PK\x01\x02")
    struct.pack_into("<I", content, directory + 24, 10)

    refusal(Source.LOOP, bytes(content))


def test_too_many_files_are_refused():
    assert "5000 files" in refusal(Source.LOOP, packed({f"{n}.txt": "" for n in range(5001)}))


@pytest.mark.parametrize("name", ["../../etc/Habits.csv", "/etc/Habits.csv", "C:\\Habits.csv"])
def test_names_that_lead_elsewhere_lead_nowhere(name: str, tmp_path, monkeypatch: pytest.MonkeyPatch):
    """Nothing is ever written; a name is only a name."""
    monkeypatch.chdir(tmp_path)
    with suppress(InvalidArgument):
        arranged(Source.LOOP, packed({name: f"{HABITS_HEADER}\n001,A,YES_NO,,,1,1,,,,,false\n"}))

    assert list(tmp_path.iterdir()) == []


def test_a_name_that_begins_with_nul_names_nothing():
    assert "no Habits.csv" in refusal(Source.LOOP, packed({"a/Habits.csv": "x"}).replace(b"a/Habits", b"\x00/Habits"))


def test_an_encrypted_or_strangely_packed_file_is_refused():
    content = bytearray(loop_archive())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(mark, at + 1)

    assert "encrypted" in refusal(Source.LOOP, bytes(content))
    assert "packed in a way" in refusal(
        Source.LOOP, packed({"Habits.csv": HABITS_HEADER}, compression=zipfile.ZIP_BZIP2)
    )


def test_a_name_twice_is_refused():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("Habits.csv", HABITS_HEADER)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("Habits.csv", HABITS_HEADER)

    assert "same name twice" in refusal(Source.LOOP, content.getvalue())


# CSV.


def test_tables_in_other_dialects_are_read():
    rows = HABITS_HEADER.replace(",", ";") + "\r\n001;A;YES_NO;;;1;1;;;;;false\r\n"
    marks = '\ufeffDate;Value;Notes\r\n2026-03-19;YES_MANUAL;"two\nlines; and ""quotes"""\r\n'

    arrival = arranged(Source.LOOP, packed({"Habits.csv": rows, "001 A/Checkmarks.csv": marks})).arrivals[0]

    assert days(arrival) == ["2026-03-19"]
    assert arrival.activities[0].note == 'two\nlines; and "quotes"'


def test_an_overlong_cell_is_refused():
    marks = 'Date,Value,Notes\n2026-03-19,SKIP,"' + "x" * 100_000

    content = packed({"Habits.csv": f"{HABITS_HEADER}\n1,A,YES_NO,,,1,1,,,,,false\n", "001 A/Checkmarks.csv": marks})

    assert "cannot be read as CSV" in refusal(Source.LOOP, content)


def test_more_rows_than_may_be_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(containers, "MAX_ROWS", 10)

    with pytest.raises(InvalidArgument):
        list(containers.read_rows(b"a\n" * 11, where="x"))


@given(st.text(alphabet="=+-@\t\r\n'ab ", max_size=8))
def test_cells_are_guarded_and_read_back(cell: str):
    shown = guarded(cell)

    assert not shown.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert unguarded(shown) == cell


# SQLite.


@pytest.mark.parametrize(
    "definition",
    [
        "CREATE VIEW Habits AS SELECT 1 AS id, 'A' AS name, 1 AS freq_num, 1 AS freq_den",
        "CREATE VIRTUAL TABLE Habits USING fts5(id, name, freq_num, freq_den)",
        "CREATE TABLE Habits (id, name, freq_num, freq_den, uuid AS (zeroblob(1000000000)))",
        "CREATE TABLE Other (id)",
    ],
)
def test_what_only_looks_like_a_table_is_refused(definition: str):
    database = sqlite3.connect(":memory:")
    database.execute(definition)
    database.execute("CREATE TABLE Repetitions (habit, timestamp, value)")

    assert "tables Habits and Repetitions are missing" in refusal(Source.LOOP, database.serialize())


def test_triggers_and_views_beside_are_never_touched():
    content = loop_backup(
        [{"id": 1, "name": "A", "freq_num": 1, "freq_den": 1}],
        [(1, "2026-03-19", 2, "")],
        more=[
            "CREATE VIEW endless AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n",
            "CREATE TRIGGER sneaky AFTER INSERT ON Repetitions BEGIN DELETE FROM Habits; END",
        ],
    )

    assert days(arranged(Source.LOOP, content).arrivals[0]) == ["2026-03-19"]


def test_a_database_with_too_many_rows_is_refused():
    count = f"SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x <= {MAX_ENTRIES}"  # noqa: S608 - constants
    rows = f"WITH RECURSIVE n(x) AS ({count}) SELECT 1, x * 86400000, 2 FROM n"  # noqa: S608
    filling = f"INSERT INTO Repetitions (habit, timestamp, value) {rows}"
    content = loop_backup([{"id": 1, "name": "A", "freq_num": 1, "freq_den": 1}], [], more=[filling])

    assert "more than 100000 repetitions" in refusal(Source.LOOP, content)


def test_a_table_pointing_at_itself_is_refused():
    """Pages of a b-tree that name each other as children must not be walked for ever."""
    content = bytearray(plain_backup())
    page_bytes = int.from_bytes(content[16:18], "big")
    for start, _ in pairwise(range(page_bytes, len(content) + 1, page_bytes)):
        content[start] = 5
        content[start + 8 : start + 12] = (2).to_bytes(4, "big")

    refusal(Source.LOOP, bytes(content))
