"""Sandbox without HTTP: an account, the operations of the API on it, and the controls."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence

from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.sandbox.account import Account
from airflow_provider_seventime.sandbox.faults.faults import FaultPlan
from airflow_provider_seventime.sandbox.operations import Operations
from airflow_provider_seventime.sandbox.options import SandboxOptions
from airflow_provider_seventime.sandbox.rate_limit import RateLimit
from airflow_provider_seventime.sandbox.refusal import bad_request, not_found
from airflow_provider_seventime.sandbox.rules import records
from airflow_provider_seventime.sandbox.rules.context import WriteContext
from airflow_provider_seventime.sandbox.rules.registry import rules_for
from airflow_provider_seventime.sandbox.state.journal import Journal
from airflow_provider_seventime.sandbox.state.store import Record, id_field_of


class Sandbox:
    """Sandbox without HTTP. Every method may be called from any thread.

    ``operations`` has the operations of the API. The methods are the controls, which the real service does not have.

    :param options: options of the sandbox.
    """

    def __init__(self, options: SandboxOptions) -> None:
        self.options = options
        self.account = Account(options)
        self.operations = Operations(self.account, lenient=options.lenient)
        self.journal = Journal()
        self.faults = FaultPlan()
        self.rate_limit = RateLimit(options.rate_limit, options.monotonic)

    def reset(self) -> None:
        """Return to the seed: records, number series, clock, payments, deliveries, faults and journal."""
        self.account.reset()
        self.faults.clear()
        self.journal.clear()
        self.rate_limit.reset()

    def load(self, collections: Mapping[str, Sequence[Record]]) -> dict[str, int]:
        """Store records without any check. A record replaces the one of the same id; one without an id gets one.

        :param collections: records per collection.
        :return: number of stored records per collection.
        :raises RequestRefusedError: a collection is unknown, or a record is no object; nothing has changed.
        """
        with self.account.transaction(changes=True) as context:
            for name, given in collections.items():
                if not _is_known(context, name):
                    raise bad_request(f"{name}: unknown collection; known are: {', '.join(sorted(COLLECTIONS))}")
                if not isinstance(given, list | tuple) or not all(isinstance(record, Mapping) for record in given):
                    raise bad_request(f"{name}: must be a list of records")
            for name, given in collections.items():
                id_field = id_field_of(name)
                for record in given:
                    record_id = record.get(id_field) or context.store.new_id(name, context.now)
                    context.store.collection(name).put({**record, id_field: record_id})
        return {name: len(given) for name, given in collections.items()}

    def counts(self) -> dict[str, int]:
        """Return the number of records per collection."""
        with self.account.transaction(changes=False) as context:
            return {name: len(context.store.collection(name)) for name in context.store.names()}

    def records(self, collection: str) -> Sequence[Record]:
        """Return the records of a collection as responses contain them, in the order of creation.

        The records are the sandbox's own and must not be changed.

        :raises RequestRefusedError: the collection is unknown (404).
        """
        with self.account.transaction(changes=False) as context:
            if not _is_known(context, collection):
                raise not_found(f"unknown collection {collection!r}")
            rules = rules_for(collection)
            return [rules.visible(record) for record in context.store.collection(collection)]

    def document(self, document_id: str) -> tuple[str, bytes]:
        """Return content type and content of an uploaded document.

        :raises RequestRefusedError: no document has that id (404).
        """
        with self.account.transaction(changes=False) as context:
            document = records.find(context, COLLECTIONS["documents"], document_id)
            return document["contentType"], base64.b64decode(document["fileContent"])

    def pay_after(self, seconds: float | None) -> None:
        """Pay invoices so many seconds after they are sent, on the sandbox's clock; None: invoices are not paid."""
        with self.account.transaction(changes=True) as context:
            context.store.pay_after_seconds = seconds

    def close(self) -> None:
        """Stop the deliveries and write the state file."""
        self.account.deliveries.close()
        self.account.save()


def _is_known(context: WriteContext, collection: str) -> bool:
    return collection in COLLECTIONS or collection in context.store.names()
