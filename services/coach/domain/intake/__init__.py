"""The dating-goals conversation: four topics, twelve slots, and rules that read them out of what a member says.

Pure: the same state and the same words give the same turn. `dialogue` decides, `reading` reads, `adoption` makes goals.
"""
