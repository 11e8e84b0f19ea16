"""The HTTP application: one ASGI callable that takes every request through the same few steps.

The edge (`edge.py`) finds the operation, authenticates, takes rate-limit tokens, reads and guards the body, runs the
endpoint under its deadline and writes the answer. Operations are declared in `gateway.routes`; there is no middleware
stack, because every layer of one costs each request twice.
"""
