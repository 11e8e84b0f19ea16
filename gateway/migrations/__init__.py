"""Changes of the gateway's schema."""
