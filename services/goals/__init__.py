"""What members set out to do and what they did about it.

Owns goals with their dated rules and phases, and the activities logged on them; progress, streaks and every other
figure are derived on reading and never stored. Tells the others that a goal was created, changed, completed or archived
and that an activity was logged; hears of members' calendars from mentor, of which it keeps a copy. Never calls a model,
never decides who may see whom.
"""
