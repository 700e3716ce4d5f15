"""The file that a restarted sandbox goes on from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.exceptions import ConfigError

FORMAT = 1


class StateFile:
    """A state kept as JSON; it is replaced as a whole, so that it is never half written.

    :param path: the file; its folder has to exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, Any] | None:
        """Return the state, or None when there is no file yet.

        :raises ConfigError: the file is there and is no state of a sandbox.
        """
        try:
            text = self._path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            state = exact_json.decode(text)
        except ValueError as error:
            raise ConfigError(f"{self._path} is no JSON: {error}. Remove it to begin from the seed.") from error
        if not isinstance(state, dict) or state.get("format") != FORMAT or not {"store", "clock"} <= state.keys():
            raise ConfigError(f"{self._path} is no state of this sandbox. Remove it to begin from the seed.")
        return state

    def write(self, state: dict[str, Any]) -> None:
        """Replace the state.

        :raises ConfigError: the file cannot be written.
        """
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        try:
            beside.write_bytes(exact_json.encode({"format": FORMAT, **state}))
            beside.replace(self._path)
        except OSError as error:
            raise ConfigError(f"cannot write the state file {self._path}: {error.strerror}") from error
