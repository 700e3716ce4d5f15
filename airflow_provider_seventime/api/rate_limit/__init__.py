"""Rate limit of an API key, shared by threads, processes or machines."""
