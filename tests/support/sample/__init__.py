"""A tiny service's schema, for tests of the chassis."""
