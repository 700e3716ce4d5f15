"""Models of the bodies of create, update and delete: one module per writable collection, with the API's field names."""
