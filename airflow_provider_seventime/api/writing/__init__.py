"""Creates and updates that are safe to repeat."""
