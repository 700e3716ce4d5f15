"""Helper of the walk through all operations: hook, related records, and the last request."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from airflow_provider_seventime.contract.registry import find_collection
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.sandbox.server import SandboxServer

Record = dict[str, Any]


class Walk:
    """Hook and sandbox for the operations of one version of the API.

    :param sandbox: the running sandbox, to which the connection ``seventime_default`` points.
    :param records: the complete records of that version, by ``collection.write``. ``@name`` is a placeholder for an id.
    :param version: 2 or 1.
    """

    def __init__(self, sandbox: SandboxServer, records: Mapping[str, Record], version: int = 2) -> None:
        self.sandbox = sandbox
        self.hook = SevenTimeHook()
        self.version = version
        self._records = records

    def collection(self, name: str) -> CollectionSpec:
        """Return a collection of the contract."""
        return find_collection(name, version=self.version)

    def stored(self, collection: str) -> list[Record]:
        """Return the sandbox's records of a collection. Create one first if the seed has none."""
        if not self.sandbox.records(collection):
            self.hook.create(collection, self.record(f"{collection}.create"))
        return self.sandbox.records(collection)

    def record(self, name: str, record_id: str = "") -> Record:
        """Return the complete record of a write, with ids of the sandbox.

        :param name: collection and write.
        :param record_id: id of the record to write.
        """
        return self._resolved(copy.deepcopy(self._records[name]), record_id)

    def _resolved(self, value: Any, record_id: str) -> Any:
        if isinstance(value, dict):
            return {name: self._resolved(one, record_id) for name, one in value.items()}
        if isinstance(value, list):
            return [self._resolved(one, record_id) for one in value]
        if not isinstance(value, str) or not value.startswith("@"):
            return value
        return record_id if value == "@self" else self._id_of(value.removeprefix("@"))

    def _id_of(self, collection: str) -> str:
        """Return the id of a record that is related to the other ones."""
        if collection == "users":
            return self.sandbox.acting_user_id
        found = self._order() if collection == "workOrders" else next(iter(self._related(collection)))
        return str(found[find_collection(collection).id_field])

    def _related(self, collection: str) -> list[Record]:
        order = self._order()
        records = self.sandbox.records(collection)
        if collection in ("customers", "projects"):
            return [one for one in records if one["_id"] == order[collection.removesuffix("s")]]
        if collection == "contactPersons":
            return [one for one in records if one["customer"] == order["customer"]]
        if collection == "distributors":
            owners = {one["distributor"] for one in self._related("distributorContactPersons")[:1]}
            return [one for one in records if one["_id"] in owners]
        return records

    def _order(self) -> Record:
        """Return a work order in a project, for a customer with a contact person."""
        reachable = {person["customer"] for person in self.sandbox.records("contactPersons")}
        orders = self.sandbox.records("workOrders")
        return next(order for order in orders if order.get("project") and order["customer"] in reachable)

    def last_request(self, record_id: str = "") -> str:
        """Return version, method and path of the last request to the sandbox, with ``<_id>`` for the id."""
        entry = self.sandbox.journal()[-1]
        _, _, version, *steps = entry["path"].split("/")
        path = "/".join("<_id>" if record_id and step == record_id else step for step in steps)
        return f"v{version} {entry['method']} {path}"
