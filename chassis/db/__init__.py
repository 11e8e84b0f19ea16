"""Database access: transactions with identity on prepared statements; the only place that commits.

A use case asks for a transaction and hands it to its repository; this package owns the pool, the identity that
row-level security reads, retries, and the meaning of the driver's errors.
"""

from chassis.db.database import Database
from chassis.db.failures import ForeignKeyViolation, UniqueViolation
from chassis.db.transaction import Record, Transaction, in_transaction

__all__ = ["Database", "ForeignKeyViolation", "Record", "Transaction", "UniqueViolation", "in_transaction"]
