"""One table with an owner, one that says which events were handled."""

import sqlalchemy as sa

from chassis.feed.columns import add_feed_columns

metadata = sa.MetaData(schema="goals")

notes = sa.Table(
    "notes",
    metadata,
    sa.Column("note_id", sa.Uuid, primary_key=True),
    sa.Column("member_id", sa.Uuid, nullable=False, index=True),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.UniqueConstraint("member_id", "body", name="notes_member_id_body_key"),
)
effects = sa.Table(
    "effects",
    metadata,
    sa.Column("event_id", sa.Uuid, nullable=False),
    sa.Column("member_id", sa.Uuid, nullable=True),
)
add_feed_columns(notes)
