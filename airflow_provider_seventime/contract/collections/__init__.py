"""The entries: one collection each, grouped by what they are about."""
