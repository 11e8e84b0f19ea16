"""Files as other applications export them, small and written by hand in their real formats."""

import io
import json
import sqlite3
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

HABITS_HEADER = (
    "Position,Name,Type,Question,Description,FrequencyNumerator,FrequencyDenominator,Color,Unit,Target Type,"
    "Target Value,Archived?"
)
LOOP_HABITS = f"""{HABITS_HEADER}
001,Meditate,YES_NO,Did you meditate this morning?,Ten minutes,1,1,#FF8F00,,,,false
002,Gym,YES_NO,,,3,7,#00897B,,,,false
003,Run,NUMERICAL,How far?,,1,7,#E64A19,miles,AT_LEAST,10.0,false
004,Coffee,NUMERICAL,,,1,1,#5D4037,cups,AT_MOST,2.0,false
005,Wake up early,YES_NO,,,1,1,#AFB42B,,,,true
"""
LOOP_CHECKMARKS = {
    "001 Meditate/Checkmarks.csv": (
        "Date,Value,Notes\n2026-03-19,YES_MANUAL,calm\n2026-03-18,SKIP,\n2026-03-17,NO,\n2026-03-16,YES_MANUAL,\n"
    ),
    "002 Gym/Checkmarks.csv": "Date,Value,Notes\n2026-03-18,YES_MANUAL,\n2026-03-17,YES_AUTO,\n2026-03-14,UNKNOWN,\n",
    "003 Run/Checkmarks.csv": "Date,Value,Notes\n2026-03-18,4200,hilly\n2026-03-16,6000,\n",
    "004 Coffee/Checkmarks.csv": "Date,Value,Notes\n2026-03-18,1000,\n2026-03-17,3000,too many\n",
    "005 Wake up early/Checkmarks.csv": "Date,Value,Notes\n2026-01-02,YES_MANUAL,\n",
}


def packed(files: Mapping[str, str | bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of these files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def loop_archive(**files: str) -> bytes:
    """Loop's CSV export."""
    scores = {"001 Meditate/Scores.csv": "Date,Score\n2026-03-19,0.5000\n", "Scores.csv": "Date,Meditate,\n"}
    return packed({"Habits.csv": LOOP_HABITS, **LOOP_CHECKMARKS, **scores, **files})


def ms(day: str) -> int:
    """Milliseconds at which a day begins in UTC."""
    return int(datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).timestamp() * 1000)


def loop_backup(
    habits: Sequence[Mapping[str, Any]], repetitions: Sequence[tuple[Any, ...]], *, more: Sequence[str] = ()
) -> bytes:
    """Loop's SQLite backup; a repetition is (habit, day or milliseconds, value, notes)."""
    database = sqlite3.connect(":memory:")
    database.executescript(
        """CREATE TABLE android_metadata (locale TEXT);
        CREATE TABLE Habits ( id integer primary key autoincrement, archived integer, color integer, description text,
            freq_den integer, freq_num integer, highlight integer, name text, position integer, reminder_hour integer,
            reminder_min integer, reminder_days integer not null default 127, type integer not null default 0,
            target_type integer not null default 0, target_value real not null default 0,
            unit text not null default "", question text, uuid text);
        CREATE TABLE Repetitions ( id integer primary key autoincrement, habit integer not null references habits(id),
            timestamp integer not null, value integer not null, notes text);"""
    )
    for habit in habits:
        names = ", ".join(habit)
        marks = ", ".join("?" for _ in habit)
        database.execute(f"INSERT INTO Habits ({names}) VALUES ({marks})", tuple(habit.values()))  # noqa: S608
    for habit_id, day, value, notes in repetitions:
        at = ms(day) if isinstance(day, str) else day
        database.execute(
            "INSERT INTO Repetitions (habit, timestamp, value, notes) VALUES (?, ?, ?, ?)", (habit_id, at, value, notes)
        )
    for statement in more:
        database.execute(statement)
    database.commit()
    content = database.serialize()
    database.close()
    return content


def plain_backup() -> bytes:
    """A backup with a habit of each kind."""
    shared = {
        "freq_num": 1,
        "freq_den": 1,
        "archived": 0,
        "color": 1,
        "highlight": 0,
        "question": "",
        "description": "",
    }
    habits = [
        {**shared, "id": 1, "name": "Meditate", "uuid": "a1", "position": 1, "reminder_hour": 7, "reminder_min": 30,
         "reminder_days": 0b1111100},
        {**shared, "id": 2, "name": "Gym", "uuid": "a2", "position": 2, "freq_num": 3, "freq_den": 7},
        {**shared, "id": 3, "name": "Run", "uuid": "a3", "position": 3, "freq_den": 7, "type": 1, "target_type": 0,
         "target_value": 10.0, "unit": "miles"},
        {**shared, "id": 4, "name": "Coffee", "uuid": "a4", "position": 4, "type": 1, "target_type": 1,
         "target_value": 2.0, "unit": "cups"},
        {**shared, "id": 5, "name": "Wake up early", "uuid": "a5", "position": 0, "archived": 1},
    ]  # fmt: skip
    repetitions = [
        (1, "2026-03-19", 2, "calm"), (1, "2026-03-18", 3, ""), (1, "2026-03-17", 0, ""), (1, "2026-03-16", 2, None),
        (2, "2026-03-18", 2, ""), (2, "2026-03-17", 1, ""),
        (3, "2026-03-18", 4200, "hilly"), (3, "2026-03-16", 6000, ""),
        (4, "2026-03-18", 1000, ""), (4, "2026-03-17", 3000, "too many"),
        (5, "2026-01-02", 2, ""),
    ]  # fmt: skip
    return loop_backup(habits, repetitions)


def beeminder_goal(slug: str, **fields: Any) -> dict[str, Any]:
    """A goal of Beeminder."""
    return {
        "slug": slug, "id": f"id-{slug}", "title": slug.title(), "goal_type": "hustler", "runits": "w", "rate": 3,
        "goalval": None, "goaldate": 4102444799, "initday": 1772323200, "initval": 0, "gunits": "hours",
        "frozen": False, "won": False, "kyoom": True, "yaw": 1, "dir": 1,
        "mathishard": [4102444799, 1e6, 3], "datapoints": [], **fields,
    }  # fmt: skip


def point(number: int, day: str, value: float, **fields: Any) -> dict[str, Any]:
    """A datapoint of Beeminder."""
    at = int(datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).timestamp()) + 18 * 3600
    return {
        "id": f"p{number}",
        "timestamp": at,
        "daystamp": day.replace("-", ""),
        "value": value,
        "comment": "",
        **fields,
    }


def beeminder_file() -> bytes:
    """Goals of all kinds."""
    goals = [
        beeminder_goal(
            "write",
            datapoints=[
                point(1, "2026-03-02", 1.5, comment="first"), point(2, "2026-03-02", 0.5), point(3, "2026-03-09", 2),
                point(4, "2026-03-10", 0, is_dummy=True, comment="#DERAIL"), point(5, "2026-03-01", 0, is_initial=True),
            ],
        ),
        beeminder_goal("books", goalval=24, rate=None, goaldate=1798675200, gunits="books",
                       datapoints=[point(6, "2026-03-05", 1)]),
        beeminder_goal("smoke", goal_type="drinker", yaw=-1, rate=20, runits="d", gunits="cigarettes",
                       datapoints=[point(7, "2026-03-05", 12), point(8, "2026-03-06", -1)]),
        beeminder_goal("weight", goal_type="fatloser", kyoom=False, yaw=-1, dir=-1, goalval=75, rate=None, initval=80,
                       goaldate=1785542400, gunits="kg", frozen=True,
                       datapoints=[point(9, "2026-03-05", 79.4), point(10, "2026-03-12", 78.9)]),
    ]  # fmt: skip
    return json.dumps({"username": "ann", "goals": goals}).encode()


def at_ms(text: str) -> int:
    """Milliseconds of an instant."""
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def habitica_file(**kinds: Any) -> bytes:
    """A user's data."""
    tasks = {
        "habits": [
            {"_id": "h1", "type": "habit", "text": "Take the **stairs**", "notes": "", "up": True, "down": False,
             "frequency": "daily", "history": [
                 {"date": at_ms("2026-03-17T10:00:00+00:00"), "value": 1, "scoredUp": 2, "scoredDown": 0},
                 {"date": at_ms("2026-03-18T10:00:00+00:00"), "value": 2.1, "scoredUp": 1, "scoredDown": 0}]},
            {"_id": "h2", "type": "habit", "text": "Smoke", "up": False, "down": True, "frequency": "weekly",
             "history": [{"date": at_ms("2026-03-17T10:00:00+00:00"), "value": -1, "scoredUp": 0, "scoredDown": 3}]},
        ],
        "dailys": [
            {"_id": "d1", "type": "daily", "text": "Stretch", "frequency": "weekly", "everyX": 1,
             "startDate": "2026-03-01T00:00:00.000Z",
             "repeat": {"m": True, "t": False, "w": True, "th": False, "f": True, "s": False, "su": False},
             "checklist": [{"id": "c1", "text": "Legs", "completed": False}],
             "history": [{"date": at_ms("2026-03-16T20:00:00+00:00"), "value": 1, "completed": True, "isDue": True},
                         {"date": at_ms("2026-03-18T20:00:00+00:00"), "value": 0, "completed": False, "isDue": True}]},
            {"_id": "d2", "type": "daily", "text": "Water plants", "frequency": "daily", "everyX": 3,
             "startDate": "2026-03-01T00:00:00.000Z", "repeat": {}, "history": []},
            {"_id": "d3", "type": "daily", "text": "Rent", "frequency": "monthly", "everyX": 1, "daysOfMonth": [31],
             "weeksOfMonth": [], "startDate": "2026-01-31T00:00:00.000Z", "history": []},
        ],
        "todos": [
            {"_id": "t1", "type": "todo", "text": "Move house", "completed": False, "date": "2026-05-01T00:00:00.000Z",
             "createdAt": "2026-03-01T08:00:00.000Z", "updatedAt": "2026-03-10T08:00:00.000Z", "checklist": [
                 {"id": "c1", "text": "Boxes", "completed": True}, {"id": "c2", "text": "Van", "completed": False}]},
            {"_id": "t2", "type": "todo", "text": "Call the bank", "completed": True,
             "createdAt": "2026-03-01T08:00:00.000Z", "dateCompleted": "2026-03-05T09:00:00.000Z", "checklist": []},
        ],
        "rewards": [{"_id": "r1", "type": "reward", "text": "Cake"}],
        **kinds,
    }  # fmt: skip
    return json.dumps({"_id": "u1", "profile": {"name": "ann"}, "tasks": tasks}).encode()
