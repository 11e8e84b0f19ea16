"""Statements of the sample schema."""

from chassis import idempotency
from chassis.sql import text_statement

ADD_NOTE = text_statement("INSERT INTO goals.notes (note_id, member_id, body) VALUES (:note_id, :member_id, :body)")
ADD_EFFECT = text_statement("INSERT INTO goals.effects (event_id, member_id) VALUES (:event_id, :member_id)")
LIST_NOTES = text_statement("SELECT note_id, member_id, body FROM goals.notes ORDER BY body")
COUNT_NOTES = text_statement("SELECT count(*) FROM goals.notes")
GET_NOTE = text_statement("SELECT body, version FROM goals.notes WHERE note_id = :note_id")
SET_BODY = text_statement(
    "UPDATE goals.notes SET body = :body, version = version + 1 WHERE note_id = :note_id AND version = :version"
)
TOUCH = text_statement("UPDATE goals.notes SET version = version + 1 WHERE note_id = :note_id")
LOAD = text_statement(f"SELECT {idempotency.lookup('goals')}")
SLEEP = text_statement("SELECT pg_sleep(:seconds)")
END_OWN_CONNECTION = text_statement("SELECT pg_terminate_backend(pg_backend_pid())")
