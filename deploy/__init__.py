"""How the system is run: the embedded launcher, and what containers and clusters need."""
