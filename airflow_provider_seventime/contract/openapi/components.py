"""Named schemas of the document."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


class Components:
    """Named schemas of the document. Each name has one schema."""

    def __init__(self) -> None:
        self._schemas: dict[str, Schema] = {}

    def add(self, name: str, schema: Schema) -> Schema:
        """Add a schema and return the reference to it.

        :raises ValueError: another schema has the same name.
        """
        if self._schemas.setdefault(name, schema) != schema:
            raise ValueError(f"two schemas of the OpenAPI document have the name {name!r}; rename one in the contract")
        return {"$ref": f"#/components/schemas/{name}"}

    @property
    def schemas(self) -> dict[str, Schema]:
        """All schemas by name."""
        return dict(self._schemas)


def with_description(schema: Schema, *sentences: str) -> Schema:
    """Return a schema with sentences added to its description."""
    text = " ".join(sentence for sentence in (schema.get("description", ""), *sentences) if sentence)
    return {**schema, "description": text} if text else schema
