"""gRPC between services: errors on the wire, the method policy, the server's pipeline and the client's caller."""
