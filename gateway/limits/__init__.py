"""Rate limits: token buckets by operation class and by caller, shared in Redis, local while Redis is away.

`buckets.py` holds the classes and the arithmetic, `store.py` the one atomic script, `wire.py` the connection that it
runs over, `local.py` the buckets of this process, and `limiter.py` what the edge asks.
"""
