"""Rules of single collections, one module each.

``default_fields`` holds the collections whose only rules are default values and hidden fields.
"""
