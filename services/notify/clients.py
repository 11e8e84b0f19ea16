"""Ports to who carries a message: Resend, a mailbox folder, push. Empty until something is sent."""
