"""The schema that all of the coach's tables lie in."""

import sqlalchemy as sa

metadata = sa.MetaData(schema="coach")
