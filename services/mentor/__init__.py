"""People and who may see whom.

Owns members with their roles and consents. Mentorships, notes, wingmen and groups come to this service when they are
built. Tells the others that a member came to be, changed or got other roles; hears no events yet. Never holds a
credential (the gateway's), a goal or a word said to the coach.
"""
