"""The named parts of the document."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


class Components:
    """The schemas that have a name; a name means one thing."""

    def __init__(self) -> None:
        self._schemas: dict[str, Schema] = {}

    def add(self, name: str, schema: Schema) -> Schema:
        """Keep a schema under its name and return the reference to it.

        :raises ValueError: another schema has that name.
        """
        if self._schemas.setdefault(name, schema) != schema:
            raise ValueError(f"two schemas of the OpenAPI document want the name {name!r}: rename one in the contract")
        return {"$ref": f"#/components/schemas/{name}"}

    @property
    def schemas(self) -> dict[str, Schema]:
        """Every schema by name."""
        return dict(self._schemas)


def with_description(schema: Schema, *sentences: str) -> Schema:
    """Return a schema with sentences added to its description."""
    text = " ".join(sentence for sentence in (schema.get("description", ""), *sentences) if sentence)
    return {**schema, "description": text} if text else schema
