"""Revisions of the schema `analytics`."""
