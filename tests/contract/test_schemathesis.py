"""Schemathesis calls every operation of the OpenAPI document in the sandbox: nothing fails, every answer is as described.

The cases are made from the document alone and are the same in every run. Those that are meant to be right name records
that exist, since no schema can say which ids do; those that are meant to be wrong are sent as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import GenerationMode
from schemathesis.checks import negative_data_rejection, positive_data_acceptance

from airflow_provider_seventime.contract.openapi import build_openapi
from airflow_provider_seventime.contract.resources import RESOURCES
from airflow_provider_seventime.sandbox.rules.references import referenced_collection
from airflow_provider_seventime.sandbox.server import SandboxServer

CONFIG = {
    "generation": {"deterministic": True, "max-examples": 20, "database": "none"},
    # Answers to other methods than the documented ones are no part of the document.
    "phases": {"coverage": {"unexpected-methods": []}, "stateful": {"enabled": False}},
}
API = schemathesis.openapi.from_dict(build_openapi(), config=schemathesis.Config.from_dict(CONFIG))
# Bodies are refused for what no schema says (unique numbers, forbidden changes), and taken where they are merely spelled
# otherwise than recommended (numbers as text).
CHECKS_OF_READS = [positive_data_acceptance, negative_data_rejection]


class Account:
    """The sandbox as one operation meets it, and what it answered.

    :param server: the running sandbox.
    """

    def __init__(self, server: SandboxServer) -> None:
        self.server = server
        self.statuses: set[int] = set()
        self._ids: dict[str, list[str]] = {}

    def known_id(self, collection: str, instead_of: str) -> str:
        """Return the id of a record, always the same one for the same text."""
        if collection not in self._ids:
            self._ids[collection] = [record["_id"] for record in self.server.records(collection)]
        ids = self._ids[collection]
        return ids[sum(instead_of.encode("utf-8", "surrogatepass")) % len(ids)] if ids else instead_of


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer(today=date(2026, 10, 1), rate_limit=0, time_logs=60) as running:
        yield running


@pytest.fixture(scope="module")
def session(server: SandboxServer) -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


@pytest.fixture
def account(server: SandboxServer) -> Iterator[Account]:
    server.reset()
    account = Account(server)
    yield account
    assert account.statuses & {200, 201}, "no case of this operation was ever answered with success"


def collection_of(path: str) -> str:
    """Return the collection that a path of the document belongs to: the first step that is one."""
    return next(step for step in path.split("/") if step in RESOURCES)


def with_known_ids(account: Account, collection: str, value: Any, field: str = "") -> Any:
    """Return a body in which ids are those of records that exist."""
    if isinstance(value, Mapping):
        return {name: with_known_ids(account, collection, inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_known_ids(account, collection, inner, field) for inner in value]
    owner = collection if field == "_id" else referenced_collection(RESOURCES[collection], field)
    return account.known_id(owner, value) if owner and isinstance(value, str) else value


@API.parametrize()
@settings(
    deadline=None,  # how fast the machine is, is not what is tested
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # one account for all cases of an operation is meant
)
def test_every_answer_is_as_described(case: schemathesis.Case, account: Account, session: requests.Session) -> None:
    collection = collection_of(case.path)
    if case.meta.generation.mode is GenerationMode.POSITIVE:
        if "id" in case.path_parameters:
            case.path_parameters["id"] = account.known_id(collection, case.path_parameters["id"])
        case.body = with_known_ids(account, collection, case.body)
    response = case.call(
        base_url=f"{account.server.base_url}/api/2",
        session=session,
        headers={
            "Client-Secret": account.server.api_key,
            "Content-Type": "application/json",
            "Accept": "application/json",
        },
    )
    account.statuses.add(response.status_code)
    case.validate_response(response, excluded_checks=[] if case.method == "GET" else CHECKS_OF_READS)
