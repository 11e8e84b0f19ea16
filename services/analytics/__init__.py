"""Figures about members: adherence, streaks and risk, from a warehouse that follows the other services.

Owns the list of members whose figures are out of date; the warehouse itself comes with the change feeds. Hears what
goals says about goals and activities. Tells nobody anything yet, and never reads another service's tables.
"""
