"""Revisions of the schema `mentor`."""
