"""Ports to the other services' change feeds and to the warehouse. Empty until the warehouse is built."""
