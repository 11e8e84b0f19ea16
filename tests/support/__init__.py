"""What several tests need: real servers on sockets of the test's own, signed identities, databases."""
