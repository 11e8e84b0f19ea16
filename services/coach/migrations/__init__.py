"""Revisions of the schema `coach`."""
