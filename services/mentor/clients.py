"""Ports to other services and vendors. Mentor calls nobody yet: whoever needs a member asks mentor."""
