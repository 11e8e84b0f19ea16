"""Statements: SQLAlchemy Core or text, compiled once at import into what asyncpg takes.

A `Statement` is text with `$n` placeholders and the ordered names that fill them. No engine runs and no result is
processed: asyncpg's own codecs turn values into Python objects (`jsonb` into dicts and lists), so every statement names
its columns. `compose` joins writes into one statement, so that a transaction sends them in one round trip.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import ClauseElement, text
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import Insert, Update

# The dialect says `$1::UUID`; it never connects to anything.
_DIALECT = PGDialect_asyncpg()  # type: ignore[no-untyped-call]
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_PLACEHOLDER = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|\$(\d+)")
_SCHEMA = re.compile(r"[a-z_]{1,40}")
_RETURNING = re.compile(r"\breturning\b", re.IGNORECASE)


class StatementProblem(ValueError):
    """A statement cannot be compiled once and for all, or was given the wrong parameters: a mistake in our code."""


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One SQL statement, ready to be prepared.

    Attributes:
        text: With `$1` to `$n`.
        names: The parameter behind each placeholder, in order.
        constants: Parameters whose value was given where the statement was written.
    """

    text: str
    names: tuple[str, ...]
    constants: Mapping[str, Any]

    def arguments(self, **parameters: Any) -> tuple[Any, ...]:
        """The values in the order of the placeholders.

        Raises:
            StatementProblem: One is missing, or one is not of this statement.
        """
        values = {**self.constants, **parameters} if self.constants else parameters
        try:
            arguments = tuple([values[name] for name in self.names])
        except KeyError as missing:
            raise StatementProblem(f"the parameter {missing} has no value") from None
        if len(values) != len(self.names):
            raise StatementProblem(f"not parameters of this statement: {sorted(values.keys() - set(self.names))}")
        return arguments


def statement(source: ClauseElement) -> Statement:
    """Compiles a Core statement; `bindparam("name")` becomes the parameter `name`.

    Raises:
        StatementProblem: It needs its values to be compiled (`in_`: use `== any_(bindparam(...))`), or Python-side
            defaults, which nobody would compute.
    """
    if isinstance(source, Insert | Update):
        # Without it SQLAlchemy would add RETURNING for keys that the database makes.
        source = source.inline()
    compiled = source.compile(dialect=_DIALECT)
    if not isinstance(compiled, SQLCompiler):
        raise StatementProblem("only statements that read or write rows are compiled here")
    if compiled.post_compile_params or compiled.literal_execute_params:
        raise StatementProblem("a list has no fixed text: compare with any_(bindparam(..., type_=ARRAY(...)))")
    if _has_python_defaults(compiled):
        raise StatementProblem("a column has a default in Python: use server_default or a parameter")
    names = tuple(compiled.positiontup or ())
    constants = {name: compiled.binds[name].value for name in names if not compiled.binds[name].required}
    return Statement(str(compiled), names, MappingProxyType(constants) if constants else _NOTHING)


def text_statement(sql: str, *, schema: str | None = None) -> Statement:
    """Compiles SQL with `:name` parameters; `::type` casts are left alone.

    Args:
        sql: The statement.
        schema: Replaces `{schema}`; a constant of the service.
    """
    return statement(text(sql if schema is None else in_schema(sql, schema)))


def in_schema(sql: str, schema: str) -> str:
    """Replaces `{schema}`, for tables that every service has in its own schema."""
    if not _SCHEMA.fullmatch(schema):
        raise StatementProblem("a schema is named in lower-case letters")
    return sql.replace("{schema}", schema)


def _has_python_defaults(compiled: SQLCompiler) -> bool:
    return bool(getattr(compiled, "insert_prefetch", ()) or getattr(compiled, "update_prefetch", ()))


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
