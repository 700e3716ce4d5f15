"""Collections of the API, grouped by subject. The registry finds every :class:`CollectionSpec` in these modules."""
