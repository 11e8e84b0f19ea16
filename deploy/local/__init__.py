"""The embedded default: the whole system on one machine, from wheels alone, supervised, private to its user."""
