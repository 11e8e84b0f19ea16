"""The gateway: HTTP in, gRPC out.

It owns accounts, sessions and access tokens, rate limits, breakers and deadlines per service, the idempotency header,
problem documents and the OpenAPI document. It holds no domain rule and no other service's data.
"""
