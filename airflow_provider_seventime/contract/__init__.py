"""Contract of Seven Time's API: data and pydantic models, without I/O.

Its sources are the vendor's API documentation (version 1 and 2) and later public additions. Where they disagree, a
comment at the collection or record says which one is followed.
"""
