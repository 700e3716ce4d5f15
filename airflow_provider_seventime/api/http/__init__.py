"""HTTP below the client: transport, deadlines, retry, redaction."""
