"""Complete reads of paged lists."""
