"""The microservice chassis: what every process needs and no domain word.

Configuration, telemetry, errors, identity, RPC server and client, database, events, idempotency, resilience, clock.
It imports no service; it may import protobuf's well-known types and the shared packages of the contract.
"""
