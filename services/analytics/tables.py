"""Analytics' tables in PostgreSQL: what is known about work to do. The figures themselves belong to the warehouse."""

import sqlalchemy as sa

metadata = sa.MetaData(schema="analytics")

# `marks` counts the events since the member was last taken: whoever refreshes removes the row only if the count is
# still the one that was read, so that an event during the refresh is not lost.
dirty_members = sa.Table(
    "dirty_members",
    metadata,
    sa.Column("member_id", sa.Uuid, primary_key=True),
    sa.Column("marks", sa.BigInteger, nullable=False),
    sa.Column("first_marked_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("last_marked_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("dirty_members_first_marked_at_idx", "first_marked_at"),
)
