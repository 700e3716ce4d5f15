"""What Seven Time's API is: pure data and pydantic models, no I/O.

Sources are the vendor's API documentation (v1, v2) and its later public additions; where those disagree, the reading
that holds is noted at the entry it concerns.
"""
