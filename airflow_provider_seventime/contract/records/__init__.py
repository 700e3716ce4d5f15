"""What create, update and delete may carry: one module per writable collection, with the API's field names."""
