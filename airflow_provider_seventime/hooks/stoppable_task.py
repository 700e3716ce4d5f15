"""Mixin of operators and sensors that use a client: a killed task sends nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from airflow.providers.common.compat.sdk import BaseOperator

from airflow_provider_seventime.exceptions import SevenTimeError
from airflow_provider_seventime.hooks.seventime import SevenTimeHook

if TYPE_CHECKING:  # parsing a DAG must not import requests and pydantic
    from airflow_provider_seventime.api.client import SevenTimeClient


class StoppableTask(BaseOperator):
    """Mixin that opens the client of a task, and stops it when Airflow kills the task.

    It stands before Airflow's base class, whose ``on_kill`` does nothing. It has no constructor: Airflow accepts every
    parameter of every constructor of an operator's base classes. It derives from ``BaseOperator`` itself: if the first
    base of a class has another constructor, Airflow fills the defaults of ``partial`` anew and makes ``inlets`` None.

    Airflow 3.2 and later call ``on_kill`` in the signal handler of the main thread, and the task goes on until it is
    killed five seconds later. So the client itself must refuse to send.
    """

    seventime_conn_id: str

    _killed = False
    _client: SevenTimeClient | None = None

    def on_kill(self) -> None:
        """Stop the client.

        The method sets attributes and does nothing else. The interrupted thread may hold the lock of a logger or wait
        for an answer of Airflow's supervisor.
        """
        self._killed = True
        client = self._client
        if client is not None:
            client.stop()

    @contextmanager
    def _open_client(self) -> Iterator[SevenTimeClient]:
        """Open the connection's client for the block. In a killed task it sends nothing.

        An error that leaves the block gets the id and the host of the connection.

        :raises ConfigError: the Airflow connection is malformed.
        """
        with SevenTimeHook(self.seventime_conn_id).get_conn() as client:
            # In this order: a signal may come between any two of these lines.
            self._client = client
            if self._killed:
                client.stop()
            try:
                yield client
            except SevenTimeError as error:
                error.connection = f"{self.seventime_conn_id}, {client.settings.base_url}"
                raise
            finally:
                self._client = None
