"""The rules of people: what a profile may hold, who has which role, what a member allows. Pure."""
