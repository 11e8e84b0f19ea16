"""Statements of the sample schema."""

import sqlalchemy as sa

from chassis import idempotency
from chassis.sql import statement, text_statement
from tests.support.sample.goals.tables import effects, notes

ADD_NOTE = statement(
    sa.insert(notes).values(
        note_id=sa.bindparam("note_id"), member_id=sa.bindparam("member_id"), body=sa.bindparam("body")
    )
)
ADD_EFFECT = statement(
    sa.insert(effects).values(event_id=sa.bindparam("event_id"), member_id=sa.bindparam("member_id"))
)
LIST_NOTES = statement(sa.select(notes.c.note_id, notes.c.member_id, notes.c.body).order_by(notes.c.body))
COUNT_NOTES = text_statement("SELECT count(*) FROM goals.notes")
GET_NOTE = text_statement("SELECT body, version FROM goals.notes WHERE note_id = :note_id")
SET_BODY = text_statement(
    "UPDATE goals.notes SET body = :body, version = version + 1 WHERE note_id = :note_id AND version = :version"
)
TOUCH = text_statement("UPDATE goals.notes SET version = version + 1 WHERE note_id = :note_id")
LOAD = text_statement(f"SELECT {idempotency.lookup('goals')}")
SLEEP = text_statement("SELECT pg_sleep(:seconds)")
END_OWN_CONNECTION = text_statement("SELECT pg_terminate_backend(pg_backend_pid())")
