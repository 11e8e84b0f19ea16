"""Roles and schema changes: everything that runs with the owner's rights, and nothing that runs while serving.

`bootstrap` makes roles, schemas and identity functions; `migrate` brings all schemas to head in one process;
`run_env`, `platform_v1`, `enable_rls`, `feed_v1`, `member_keys_v1` and `backfill` are what revisions are written with.
"""

from chassis.migrations.bootstrap import SCHEMAS, BootstrapSecrets, bootstrap
from chassis.migrations.feed import feed_tables_v1, feed_v1
from chassis.migrations.member_keys import member_keys_v1
from chassis.migrations.operations import backfill, enable_rls, platform_v1
from chassis.migrations.runner import current_revisions, heads, migrate, run_env

__all__ = [
    "SCHEMAS",
    "BootstrapSecrets",
    "backfill",
    "bootstrap",
    "current_revisions",
    "enable_rls",
    "feed_tables_v1",
    "feed_v1",
    "heads",
    "member_keys_v1",
    "migrate",
    "platform_v1",
    "run_env",
]
