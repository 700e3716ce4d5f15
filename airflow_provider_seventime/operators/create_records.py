"""Create records, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from airflow.providers.common.compat.sdk import BaseOperator

from airflow_provider_seventime.exceptions import ConfigError, InvalidRecordError, NotFoundError
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.hooks.summary import label, summarise
from airflow_provider_seventime.hooks.task_errors import permanent_failures_end_the_task
from airflow_provider_seventime.operators.default_reference import ReferenceField, reference_of
from airflow_provider_seventime.operators.prior_attempts import TaskWriteLog, subject_of

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_seventime.api.client import SevenTimeClient
    from airflow_provider_seventime.api.writing.create_once import CreateResult, PriorAttempts
    from airflow_provider_seventime.contract.spec import CollectionSpec


class SevenTimeCreateOperator(BaseOperator):
    """Create a record, or many, each once.

    A record carries a reference as the last line ``[ref: ...]`` of a text field. Before a record is made, and whenever
    the answer was lost, it is looked for by that reference. So trying a task again makes no second one. On Airflow 3.3
    and later the task instance also remembers that it sent something, and which record came of it.

    A collection without a text field for it is looked through by the record's unique number, where it has one
    (``userName`` of ``users``); otherwise (``contactPersons``, ``documents`` ...) a lost answer ends the task with an
    AmbiguousWriteError that says how to look.

    Given ``records``, one look is made for all of them and every one is tried; then the task fails if some failed, with
    the index and the reason of each, and another try makes only those that are missing.

    Returned to XCom: ``_id``, the number and the status with its name in ``status`` where the collection has them,
    ``totalAmountInclTax`` as text, and ``created``, which is False when the record was there already; of ``records``, a
    list of these in their order.

    :param resource: the collection, for example ``workOrders`` (templated).
    :param record: the record in the API's terms (templated); ``createdByUser`` comes from the connection's login. It is
        checked before anything is sent. None: ``records`` are given.
    :param records: many records in place of one (templated). All are checked before the first is sent. None: ``record``
        is given.
    :param reference: what makes the record one of its kind across runs (templated). Of ``records``, a list with one for
        each. None: one of this task instance's own, the same for every try; of ``records`` it goes by their order,
        which then must be the same for every try.
    :param reference_field: text field that keeps the reference. Defaults to the collection's own: ``notes`` of an
        invoice, ``description`` of a work order. None: no reference is kept and nothing looked up.
    :param if_exists: ``return`` the record that is there already, or ``fail``. Defaults to ``return``.
    :param seventime_conn_id: the Airflow connection. Defaults to ``seventime_default``.
    """

    template_fields: Sequence[str] = ("resource", "record", "records", "reference", "seventime_conn_id")
    template_fields_renderers: ClassVar[dict[str, str]] = {"record": "json", "records": "json"}

    def __init__(
        self,
        *,
        resource: str,
        record: Mapping[str, Any] | None = None,
        records: Sequence[Mapping[str, Any]] | None = None,
        reference: str | Sequence[str] | None = None,
        reference_field: str | ReferenceField | None = ReferenceField.OWN,
        if_exists: Literal["return", "fail"] = "return",
        seventime_conn_id: str = SevenTimeHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.resource = resource
        self.record = record
        self.records = records
        self._many = records is not None
        self.reference = reference
        self._reference_given = reference is not None
        self.reference_field = reference_field
        self.if_exists = if_exists
        self.seventime_conn_id = seventime_conn_id

    def execute(self, context: Context) -> dict[str, Any] | list[dict[str, Any]]:
        """Create the records, or find those that an earlier try made.

        :raises PermanentTaskError: a record, the connection or the key is wrong; nothing is tried again.
        :raises SevenTimeError: a passing failure; the next try begins by looking for what is there.
        """
        from airflow_provider_seventime.contract.registry import find_collection

        with permanent_failures_end_the_task(), SevenTimeHook(self.seventime_conn_id).get_conn() as client:
            entry = find_collection(self.resource, "create", client.settings.api_version)
            self.check(entry, client)
            if self.if_exists not in ("return", "fail"):
                raise ConfigError(f"if_exists: {self.if_exists!r} is neither 'return' nor 'fail'")
            references = self._references(entry, context)
            memory = TaskWriteLog(context, subject_of(entry.name, references))
            create = self._create_each if self._many else self._create_one
            outcomes = create(client, entry, references, memory)
        made = find_collection(entry.created_resource or entry.name)  # stopTimer answers the time log that it made
        self._report(made, outcomes, references)
        summaries = [summarise(made, outcome.record) | {"created": outcome.created} for outcome in outcomes]
        return summaries if self._many else summaries[0]

    def check(self, entry: CollectionSpec, client: SevenTimeClient) -> None:  # noqa: ARG002 - for those that know more
        """Refuse what the client would not, or say it better.

        :param entry: the collection.
        :param client: the connection's client.
        :raises ConfigError: both or neither of ``record`` and ``records`` are given.
        :raises InvalidRecordError: a record is wrong.
        """
        if self._many and self.record is not None:
            raise ConfigError("record and records are both given; give one of them")
        if not self._many:
            require_dict(entry.name, "record", self.record)
        elif isinstance(self.records, str | Mapping) or not isinstance(self.records, Sequence):
            raise InvalidRecordError(f"{entry.name}: create", [f"records must be a list{_instead(self.records)}"])

    def _create_one(
        self, client: SevenTimeClient, entry: CollectionSpec, references: Sequence[str | None], memory: TaskWriteLog
    ) -> list[CreateResult]:
        outcome = self._remembered(client, entry, memory) or client.create_or_find(
            entry.name,
            self.record or {},
            reference=references[0],
            intent=memory,
            before=self._before(memory, marked=references[0] is not None or entry.unique_number is not None),
            **self._how,
        )
        memory.made(str(outcome.record["_id"]))
        return [outcome]

    def _create_each(
        self, client: SevenTimeClient, entry: CollectionSpec, references: Sequence[str | None], memory: TaskWriteLog
    ) -> list[CreateResult]:
        given = [reference for reference in references if reference is not None]
        return list(
            client.create_each(
                entry.name,
                self.records or [],
                references=given or None,
                intent=memory,
                before=self._before(memory, marked=bool(given) or entry.unique_number is not None),
                **self._how,
            )
        )

    def _remembered(self, client: SevenTimeClient, entry: CollectionSpec, memory: TaskWriteLog) -> CreateResult | None:
        """Return the record that an earlier try made, as the API holds it now, if it is there still."""
        from airflow_provider_seventime.api.writing.create_once import CreateResult

        made = entry.created_resource or entry.name
        if memory.made_id is None or not client.can(made, "get"):
            return None
        try:
            return CreateResult(client.get(made, memory.made_id), created=False)
        except NotFoundError:
            self.log.warning("%s %s, which an earlier try made, has been deleted since", made, memory.made_id)
            return None

    def _before(self, memory: TaskWriteLog, *, marked: bool) -> PriorAttempts:
        from airflow_provider_seventime.api.writing.create_once import PriorAttempts

        before = memory.before(own=not self._reference_given, marked=marked)
        unwanted = self.reference_field is None and before is PriorAttempts.UNKNOWN
        return PriorAttempts.NONE_SENT if unwanted else before

    @property
    def _how(self) -> dict[str, Any]:
        own = self.reference_field is ReferenceField.OWN
        return {"reference_field": None if own else self.reference_field, "if_exists": self.if_exists}

    def _references(self, entry: CollectionSpec, context: Context) -> list[str | None]:
        count = len(self.records or []) if self._many else 1
        if self.reference_field is None:
            if self._reference_given:
                raise ConfigError("reference: no field would keep it, because reference_field is None; give only one")
            return [None] * count
        if self._reference_given:
            return self._given_references(count)
        if self.reference_field is ReferenceField.OWN and entry.reference_field is None:
            return [None] * count
        own = reference_of(context)
        return [f"{own}-{index}" for index in range(count)] if self._many else [own]

    def _given_references(self, count: int) -> list[str | None]:
        # What was given and renders to None is a mistake for the client to refuse, not a wish for the default.
        if not self._many:
            return [str(self.reference)]
        if isinstance(self.reference, str) or not isinstance(self.reference, Sequence) or len(self.reference) != count:
            raise ConfigError(
                f"reference: of {count} records it must be a list with one for each{_instead(self.reference)}"
            )
        return [str(reference) for reference in self.reference]

    def _report(self, made: CollectionSpec, outcomes: Sequence[CreateResult], references: Sequence[str | None]) -> None:
        if self._many:
            created = sum(outcome.created for outcome in outcomes)
            self.log.info("%s: %d created, %d were there already", made.name, created, len(outcomes) - created)
            return
        self.log.info(
            "%s %s (%s)",
            label(made, outcomes[0].record),
            "created" if outcomes[0].created else "was there already",
            f"reference {references[0]}" if references[0] else "no reference",
        )


def require_dict(resource: str, parameter: str, record: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return a record, and refuse what a template made text of, with the way out.

    :param resource: the collection.
    :param parameter: the operator's parameter.
    :param record: what it holds.
    :raises InvalidRecordError: it is no dict.
    """
    if not isinstance(record, Mapping):
        raise InvalidRecordError(
            f"{resource}: create", [f"{parameter} must be a dict in the API's terms{_instead(record)}"]
        )
    return record


def _instead(value: object) -> str:
    return (
        f", not {type(value).__name__}; where a template makes it, set render_template_as_native_obj=True on the DAG "
        "or pass the other task's output"
    )
