"""The API's own description against the API: schemathesis calls every address with what it should and should not take.

Any 5xx but 501, any status that is not documented and any answer of another shape is a fault. `make fuzz` starts a
system of its own for it, without rate limits, and removes it. Never part of `make test`, as it takes minutes.
"""
