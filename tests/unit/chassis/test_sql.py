"""Statements: compiled once, filled by name, joined into one."""

import pytest

from chassis.sql import StatementProblem, compose, in_schema, text_statement


def test_text_keeps_casts_and_reuses_a_repeated_name() -> None:
    made = text_statement("SELECT a::int FROM t WHERE b = :x OR c = :x OR d = :y")

    assert made.text == "SELECT a::int FROM t WHERE b = $1 OR c = $1 OR d = $2"
    assert made.arguments(y=2, x=1) == (1, 2)


@pytest.mark.parametrize("parameters", [{}, {"x": 1}, {"x": 1, "y": 2, "z": 3}])
def test_missing_and_unknown_parameters_are_refused(parameters: dict[str, int]) -> None:
    with pytest.raises(StatementProblem):
        text_statement("SELECT :x, :y").arguments(**parameters)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a::int, b::text[] FROM t",
        "SELECT 'at 12:30 :x', ':y ''and'' :z' FROM t",
        'SELECT ":odd" FROM t',
        "SELECT a[1:2] FROM t",
        "SELECT 1 FROM t -- don't :x",
        "SELECT /* it's :x\n or :y */ 1",
    ],
)
def test_what_only_looks_like_a_parameter_is_none(sql: str) -> None:
    made = text_statement(sql)

    assert (made.text, made.names) == (sql, ())


def test_an_apostrophe_in_a_comment_opens_nothing() -> None:
    made = text_statement("SELECT 1 -- don't\nWHERE a = :a AND b = 'x'")

    assert (made.text, made.names) == ("SELECT 1 -- don't\nWHERE a = $1 AND b = 'x'", ("a",))


def test_a_cast_of_a_parameter_keeps_both() -> None:
    made = text_statement("SELECT :x::uuid, CAST(:y AS text), ANY(:z) WHERE :x IS NULL")

    assert made.text == "SELECT $1::uuid, CAST($2 AS text), ANY($3) WHERE $1 IS NULL"
    assert made.names == ("x", "y", "z")


def test_composed_writes_count_their_rows_and_renumber_their_placeholders() -> None:
    one = text_statement("INSERT INTO a VALUES (:x, '$1 stays', :y)")
    two = text_statement("UPDATE b SET c = :x RETURNING 1")

    assert compose((one, two)) == (
        "WITH w0 AS (INSERT INTO a VALUES ($1, '$1 stays', $2) RETURNING 1), "
        "w1 AS (UPDATE b SET c = $3 RETURNING 1) SELECT (SELECT count(*) FROM w0), (SELECT count(*) FROM w1)"
    )
    assert compose((one, two)) is compose((one, two))


def test_schemas_are_names_and_nothing_else() -> None:
    assert in_schema("SELECT 1 FROM {schema}.t", "goals") == "SELECT 1 FROM goals.t"
    with pytest.raises(StatementProblem):
        in_schema("SELECT 1 FROM {schema}.t", "goals; DROP TABLE x")
