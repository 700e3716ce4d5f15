"""Transfers: from Seven Time to databases, object storage and files."""
