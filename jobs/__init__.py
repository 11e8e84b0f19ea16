"""Clock in, gRPC out: what happens at a time.

A beat process says when, by the schedule in `schedule.py` and nowhere else; a worker process runs thin tasks that call
the services. There is no domain rule and no database here: each effect is keyed in the service that owns it, so that a
second run or a second worker changes nothing.
"""
