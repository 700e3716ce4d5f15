"""Records created once, and updates that keep what a PUT must repeat."""
