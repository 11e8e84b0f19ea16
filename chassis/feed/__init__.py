"""Change feeds: what a service committed, in an order in which nothing is missed, as Arrow batches after a cursor.

A service names its `Entity`s and serves them by `Assembly.feed`; its migrations prepare the tables with
`chassis.migrations.feed_v1`, its `tables` describe that with
`columns.add_feed_columns`. A reader (analytics) starts with an
empty cursor, stores the cursor of each batch together with its rows, and takes up from there (docs/adr/0028, 0029).

`entities` says what is offered and how it is read, `cursors` where a reader is, `horizon` how far can be read,
`extraction` how rows become Arrow, `stream` in which order batches come, `servicer` who may ask.
"""

from chassis.feed.entities import Column, Entity

__all__ = ["Column", "Entity"]
