"""The shared limit of requests per second of an API key."""
