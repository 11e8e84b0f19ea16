"""`make bench`: the system beside a plain design, a proxy and the bare statements; docs/bench.md reads the result.

Never a test of time: it compares, in alternating rounds on one machine, and judges ratios.
"""
