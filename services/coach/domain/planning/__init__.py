"""Plans: what a goal's text says, and how the goal may be reached within the time there is. Pure."""
