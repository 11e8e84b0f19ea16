"""The rules of figures. Empty until there are figures: what is due, done and missed is decided by goals."""
