"""Tables and columns of a collection."""
