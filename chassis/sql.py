"""Statements: SQL with named parameters, read once at import into what asyncpg takes.

A `Statement` is text with `$n` placeholders and the ordered names that fill them. No engine runs and no result is
processed: asyncpg's own codecs turn values into Python objects (`jsonb` into dicts and lists), so every statement names
its columns. `compose` joins writes into one statement, so that a transaction sends them in one round trip. Processes
that serve do not import SQLAlchemy, which describes tables for migrations alone.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

# Comments, quoted text and names are passed over; what follows a colon or a word is a cast or a slice.
_PARAMETER = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"[^\"]*\"|(?<![:\w]):([a-zA-Z_]\w*)", re.DOTALL)
_PLACEHOLDER = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|\$(\d+)")
_SCHEMA = re.compile(r"[a-z_]{1,40}")
_RETURNING = re.compile(r"\breturning\b", re.IGNORECASE)


class StatementProblem(ValueError):
    """A statement was given the wrong parameters, or a schema has no name for one: a mistake in our code."""


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One SQL statement, ready to be prepared.

    Attributes:
        text: With `$1` to `$n`.
        names: The parameter behind each placeholder, in order.
    """

    text: str
    names: tuple[str, ...]

    def arguments(self, **parameters: Any) -> tuple[Any, ...]:
        """The values in the order of the placeholders.

        Raises:
            StatementProblem: One is missing, or one is not of this statement.
        """
        try:
            arguments = tuple([parameters[name] for name in self.names])
        except KeyError as missing:
            raise StatementProblem(f"the parameter {missing} has no value") from None
        if len(parameters) != len(self.names):
            raise StatementProblem(f"not parameters of this statement: {sorted(parameters.keys() - set(self.names))}")
        return arguments


def text_statement(sql: str, *, schema: str | None = None) -> Statement:
    """Reads SQL with `:name` parameters; `::type` casts are left alone, and a name that comes again is one parameter.

    Args:
        sql: The statement. Lists are compared with `= ANY(:names)`, since the text stays the same for any number.
        schema: Replaces `{schema}`; a constant of the service.
    """
    numbers: dict[str, int] = {}

    def numbered(match: re.Match[str]) -> str:
        if not match[1]:
            return match[0]
        return f"${numbers.setdefault(match[1], len(numbers) + 1)}"

    text = _PARAMETER.sub(numbered, sql if schema is None else in_schema(sql, schema))
    return Statement(text, tuple(numbers))


def in_schema(sql: str, schema: str) -> str:
    """Replaces `{schema}`, for tables that every service has in its own schema."""
    if not _SCHEMA.fullmatch(schema):
        raise StatementProblem("a schema is named in lower-case letters")
    return sql.replace("{schema}", schema)


@lru_cache(maxsize=1024)
def compose(statements: tuple[Statement, ...]) -> str:
    """Joins writes into one statement that returns one row: how many rows each of them changed.

    They run in order, on one snapshot: none sees what another does, so no two of them may change the same row.
    Foreign keys are checked at the end, so a parent may come with its children.
    The answer is the same text for the same statements, so that asyncpg's cache of prepared statements hits.
    """
    parts, counts, offset = [], [], 0
    for number, part in enumerate(statements):
        returning = "" if _RETURNING.search(part.text) else " RETURNING 1"
        parts.append(f"w{number} AS ({_renumber(part.text, offset)}{returning})")
        counts.append(f"(SELECT count(*) FROM w{number})")  # noqa: S608 - holds no value
        offset += len(part.names)
    return f"WITH {', '.join(parts)} SELECT {', '.join(counts)}"


def _renumber(sql: str, offset: int) -> str:
    def shift(match: re.Match[str]) -> str:
        return f"${int(match[1]) + offset}" if match[1] else match[0]

    return _PLACEHOLDER.sub(shift, sql) if offset else sql
