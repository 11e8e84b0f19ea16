"""All SQL of notify. None yet."""
