"""HTTP side of the sandbox: server, API and controls."""
