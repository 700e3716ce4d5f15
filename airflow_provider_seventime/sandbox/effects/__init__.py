"""Effects of a change that happen outside the request: webhooks and payments."""
