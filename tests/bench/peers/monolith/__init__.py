"""The peer: goals as a good team would write them in one FastAPI application with an ORM, on the same tables.

One request is one `AsyncSession`; a goal comes with its entries by `selectinload`; answers are pydantic models. It
checks the same access token and derives figures with the same domain, so that only the design differs. It has neither
row-level security nor rate limits, idempotency keys, an outbox or a line of log per request.
"""
