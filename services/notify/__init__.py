"""Reaching a person: preferences, mail and the in-app inbox.

Owns nothing but its platform tables yet; preferences, templates and deliveries come with the first mail. Hears nothing
and tells nothing yet. Never decides that something happened: it is told.
"""
