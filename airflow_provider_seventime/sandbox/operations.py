"""Operations of the API on an account: list, get, create, update, delete and analyse."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from airflow_provider_seventime.contract.checking import check_record, record_model
from airflow_provider_seventime.contract.spec import CollectionSpec, Operation, Write
from airflow_provider_seventime.exceptions import InvalidRecordError
from airflow_provider_seventime.sandbox.account import Account
from airflow_provider_seventime.sandbox.effects.events import events_of
from airflow_provider_seventime.sandbox.limits import check_number_sizes, refuse_out_of_range
from airflow_provider_seventime.sandbox.refusal import bad_request, not_found
from airflow_provider_seventime.sandbox.rules import records
from airflow_provider_seventime.sandbox.rules.actions import documents, timers
from airflow_provider_seventime.sandbox.rules.context import WriteContext
from airflow_provider_seventime.sandbox.rules.registry import rules_for
from airflow_provider_seventime.sandbox.state.analytics import analyse
from airflow_provider_seventime.sandbox.state.query import ListPage, read_query, run_query
from airflow_provider_seventime.sandbox.state.read_view import CURRENT_VIEW, ReadView
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import plain_value
from airflow_provider_seventime.sandbox.unknown_fields import known_fields, known_parameters

Action = Callable[[WriteContext, CollectionSpec, Mapping[str, Any]], Record]
WRITES: Mapping[Write, Action] = {"create": records.create, "update": records.update, "delete": records.delete}
# Collections whose POST does more than create a record.
ACTIONS: Mapping[str, Action] = {
    "startTimer": timers.start,
    "stopTimer": timers.stop,
    "documents": documents.upload,
}


class Operations:
    """Operations of the API. Every method may be called from any thread.

    :param account: the account.
    :param lenient: ignore unknown fields and query parameters. False refuses them (400).
    """

    def __init__(self, account: Account, *, lenient: bool) -> None:
        self._account = account
        self._lenient = lenient

    def list(
        self, collection: CollectionSpec, parameters: Sequence[tuple[str, str]], view: ReadView = CURRENT_VIEW
    ) -> ListPage:
        """Return a page of a list.

        :param parameters: names and values of the query.
        :param view: age of the records, and offset of the page.
        :raises RequestRefusedError: the collection has no list (404), or a parameter is invalid (400).
        """
        _require(collection, "list")
        rules = rules_for(collection.name)
        parameters = known_parameters(collection, parameters) if self._lenient else parameters
        given = {name for name, _ in parameters}
        defaults = [(name, value) for name, value in rules.filter_defaults.items() if name not in given]
        with refuse_out_of_range():
            query = read_query(collection, [*parameters, *defaults], self._account.zone)
        with self._account.reading(collection.name, view) as context:
            stored = context.store.collection(collection.name)
            if not collection.paged:
                query = query.unpaged(len(stored))
            page = run_query(stored, query, view)
            return replace(page, records=[rules.visible(record) for record in page.records])

    def get(self, collection: CollectionSpec, record_id: str, view: ReadView = CURRENT_VIEW) -> Record:
        """Return one record.

        :param view: age of the records.
        :raises RequestRefusedError: the collection has no get, or no record has that id (404).
        """
        _require(collection, "get")
        with self._account.reading(collection.name, view) as context:
            return rules_for(collection.name).visible(records.find(context, collection, record_id))

    def get_single(self, collection: CollectionSpec, view: ReadView = CURRENT_VIEW) -> Record:
        """Return the record of a collection that has only one.

        :param view: age of the record.
        """
        with self._account.reading(collection.name, view) as context:
            return next(iter(context.store.collection(collection.name)), records.empty_record(collection))

    def write(self, collection: CollectionSpec, write: Write, body: Any) -> Record:
        """Create, update or delete a record and return the response.

        :param body: decoded body of the request.
        :raises RequestRefusedError: the request is refused; nothing has changed.
        """
        values = self._checked(collection, write, body)
        action = ACTIONS.get(collection.name, WRITES[write])
        name = collection.created_resource or collection.name
        with self._account.transaction(changes=True) as context, refuse_out_of_range():
            before = context.store.collection(name).get(values.get("_id", ""))
            after = action(context, collection, values)
            self._account.publish(context, name, events_of(name, write, before, after), after)
            return rules_for(name).visible(after, created=write == "create")

    def analyse(self, collection: CollectionSpec, body: Any) -> dict[str, Any]:
        """Return groups and sums of a collection's records.

        :param body: decoded body of the request.
        :raises RequestRefusedError: the collection has no analytics (404), or the query is invalid (400).
        """
        query = self._checked(collection, "analyse", body)
        with self._account.transaction(changes=False) as context, refuse_out_of_range():
            return analyse(collection, context.store.collection(collection.name), query, self._account.zone)

    def _checked(self, collection: CollectionSpec, write: Write, body: Any) -> Any:
        _require(collection, write)
        known = known_fields(record_model(collection, write), body) if self._lenient else body
        try:
            values = check_record(collection, write, known, self._account.zone)
        except InvalidRecordError as error:
            raise bad_request("; ".join(error.problems)) from error
        check_number_sizes(values)
        return plain_value(values)


def _require(collection: CollectionSpec, operation: Operation) -> None:
    if operation not in collection.operations:
        raise not_found(f"{collection.name} has no {operation}: it has {', '.join(sorted(collection.operations))}")
