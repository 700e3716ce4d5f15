"""What a write does to a record: references, numbers, names beside ids, amounts, status.

``records`` holds what is the same in every collection, the other modules what is not.
"""
