"""Effects of a write beyond its response: webhooks and payments of customers."""
