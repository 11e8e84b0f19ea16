"""Statements: compiled once, filled by name, joined into one."""

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.sql import StatementProblem, compose, in_schema, statement, text_statement

_TABLE = sa.Table(
    "things",
    sa.MetaData(schema="goals"),
    sa.Column("id", sa.Uuid, primary_key=True, server_default=sa.text("gen_random_uuid()")),
    sa.Column("name", sa.Text),
    sa.Column("kind", sa.Text),
)


def test_core_statement_becomes_numbered_text_with_ordered_names() -> None:
    made = statement(sa.select(_TABLE.c.name).where(_TABLE.c.kind == "x", _TABLE.c.id == sa.bindparam("id")))

    assert "$1" in made.text
    assert "$2::UUID" in made.text
    assert made.arguments(id=1) == ("x", 1)


def test_inserts_return_nothing_by_themselves() -> None:
    made = statement(sa.insert(_TABLE).values(name=sa.bindparam("name")))

    assert "RETURNING" not in made.text
    assert made.names == ("name",)


def test_text_keeps_casts_and_reuses_a_repeated_name() -> None:
    made = text_statement("SELECT a::int FROM t WHERE b = :x OR c = :x OR d = :y")

    assert made.text == "SELECT a::int FROM t WHERE b = $1 OR c = $1 OR d = $2"
    assert made.arguments(y=2, x=1) == (1, 2)


@pytest.mark.parametrize("parameters", [{}, {"x": 1}, {"x": 1, "y": 2, "z": 3}])
def test_missing_and_unknown_parameters_are_refused(parameters: dict[str, int]) -> None:
    with pytest.raises(StatementProblem):
        text_statement("SELECT :x, :y").arguments(**parameters)


def test_what_has_no_fixed_text_is_refused_and_arrays_are_the_way() -> None:
    with pytest.raises(StatementProblem, match="any_"):
        statement(sa.select(_TABLE.c.id).where(_TABLE.c.name.in_(["a", "b"])))

    ids = sa.bindparam("names", type_=ARRAY(sa.Text))
    assert "ANY ($1" in statement(sa.select(_TABLE.c.id).where(_TABLE.c.name == sa.any_(ids))).text


def test_defaults_in_python_are_refused() -> None:
    table = sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer, default=1), sa.Column("b", sa.Integer))
    with pytest.raises(StatementProblem, match="server_default"):
        statement(sa.insert(table).values(b=sa.bindparam("b")))


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
