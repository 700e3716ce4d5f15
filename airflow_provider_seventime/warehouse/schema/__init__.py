"""Table and columns of a collection: definition, check, creation, repair."""
