"""Notes of members, in the schema `goals`."""
