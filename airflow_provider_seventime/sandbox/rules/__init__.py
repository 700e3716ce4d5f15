"""Business rules of Seven Time: required references, number series, computed amounts, status changes.

``records`` creates, updates and deletes a record of any collection.
``collections`` has the rules of single collections, and ``registry`` finds them by name.
``actions`` has the POST requests that do more than create one record.
The other modules are shared by several collections.
"""
