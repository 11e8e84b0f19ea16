"""The rules of reaching a person: quiet hours, channels, what is worth a mail. Empty until something is sent."""
