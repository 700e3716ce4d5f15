"""State file: the state of a sandbox as JSON, so that a restart continues from it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.exceptions import ConfigError

FORMAT = 1


class StateFile:
    """A state file. Each write replaces the whole file, so that it is never incomplete.

    :param path: the file. Its folder has to exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, Any] | None:
        """Return the state; None: there is no file yet.

        :raises ConfigError: the file is not the state of a sandbox.
        """
        try:
            text = self._path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            state = exact_json.decode(text)
        except ValueError as error:
            raise ConfigError(f"{self._path} is not JSON: {error}. Remove it to start from the seed.") from error
        if not isinstance(state, dict) or state.get("format") != FORMAT or not {"store", "clock"} <= state.keys():
            raise ConfigError(f"{self._path} is not a state file of this sandbox. Remove it to start from the seed.")
        return state

    def write(self, state: dict[str, Any]) -> None:
        """Replace the state.

        :raises ConfigError: the file cannot be written.
        """
        temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        try:
            temporary.write_bytes(exact_json.encode({"format": FORMAT, **state}))
            temporary.replace(self._path)
        except OSError as error:
            raise ConfigError(f"cannot write the state file {self._path}: {error.strerror}") from error
