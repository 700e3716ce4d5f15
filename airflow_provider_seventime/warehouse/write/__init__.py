"""Writing and removing rows, with the fastest way of each database."""
