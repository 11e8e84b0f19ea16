"""Notify's tables. None yet besides those that every service has."""

import sqlalchemy as sa

metadata = sa.MetaData(schema="notify")
