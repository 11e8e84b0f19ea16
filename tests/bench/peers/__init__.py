"""What the system is measured beside: the usual design, a proxy in place of the gateway, and the bare statements."""
