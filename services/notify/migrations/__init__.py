"""Revisions of the schema `notify`."""
