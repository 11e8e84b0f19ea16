"""Rate limits: token buckets by operation class and by caller, shared in Redis, local while Redis is away.

`buckets.py` holds the classes and the arithmetic, `store.py` the one atomic script and how it is sent, `local.py` the
buckets of this process, and `limiter.py` what the edge asks.
"""
