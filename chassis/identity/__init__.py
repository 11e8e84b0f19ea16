"""Who acts: the principal, the signed passport that carries it between services, and the callers' own assertions."""
