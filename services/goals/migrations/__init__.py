"""Revisions of the schema `goals`."""
