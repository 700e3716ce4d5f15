"""A collection written to files on object storage."""
