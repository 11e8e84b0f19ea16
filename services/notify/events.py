"""What notify tells the others. Nothing yet."""
