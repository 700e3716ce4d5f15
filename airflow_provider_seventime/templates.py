"""Guard against templates that render to nothing.

A template such as ``{{ params.customer }}`` renders to an empty text, or to the text ``None``, where its value is
missing.
"""

from __future__ import annotations

from airflow_provider_seventime.exceptions import ConfigError

EMPTY = "is empty, perhaps because a template rendered to nothing: check what the template refers to"


def is_empty(value: object) -> bool:
    """Return whether a value is None, blank, the text ``None``, or a list that is empty or has such an item."""
    if isinstance(value, list | tuple | set | frozenset):
        return not value or any(is_empty(item) for item in value)
    return value is None or str(value).strip() in ("", "None")


def require_rendered(name: str, value: object) -> None:
    """Refuse a parameter whose template rendered to nothing.

    :param name: the parameter, as the message names it, for example ``path``.
    :param value: its value after rendering. None is refused too.
    :raises ConfigError: the value is empty by :func:`is_empty`.
    """
    if is_empty(value):
        raise ConfigError(f"{name} {EMPTY}")
