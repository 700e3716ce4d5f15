"""What may be shown of what was sent and received."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

SHOWN_CHARACTERS = 200
SHORTEST_SECRET = 4


class Secrets:
    """Texts that must not be shown, in a form that does not show them: tracebacks may print local variables."""

    def __init__(self, *texts: str) -> None:
        self._texts = texts

    def __iter__(self) -> Iterator[str]:
        """Yield the texts."""
        return iter(self._texts)


def redact(text: str, secrets: Iterable[str]) -> str:
    """Return the text with every secret replaced, on one line, at most 200 characters."""
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, "***")
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= SHOWN_CHARACTERS else f"{line[: SHOWN_CHARACTERS - 3]}..."
