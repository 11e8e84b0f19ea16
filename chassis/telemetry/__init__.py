"""Logs, traces and metrics. Thin on purpose: an empty request must not pay for instrumentation it does not use."""
