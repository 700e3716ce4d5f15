"""Creation of records by a task: references, the task's write log, and the summaries for XCom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from airflow_provider_seventime.exceptions import ConfigError, InvalidRecordError, NotFoundError
from airflow_provider_seventime.hooks.summary import describe, short_name, status_move, summarise
from airflow_provider_seventime.operators.default_reference import ReferenceField, default_reference
from airflow_provider_seventime.operators.task_write_log import open_write_log, prior_attempts_of

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_seventime.api.client import SevenTimeClient
    from airflow_provider_seventime.api.writing.create_once import PriorAttempts
    from airflow_provider_seventime.api.writing.existing_record import CreateResult
    from airflow_provider_seventime.contract.spec import CollectionSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateJob:
    """Records to create, with the operator's parameters after rendering.

    :param resource: the collection.
    :param records: the records in the API's terms. An operator that creates one record gives a list of one.
    :param batch: the operator creates a list of records. False: one record.
    :param reference: the reference, or a list with one per record for a batch. None: the default reference.
    :param reference_given: the DAG gives a reference, which may have rendered to nothing.
    :param reference_field: text field for the reference. None: no reference is written.
    :param if_exists: ``return`` the existing record, ``match``: fail if it differs, or ``fail`` always.
    """

    resource: str
    records: Sequence[Mapping[str, Any]]
    batch: bool
    reference: str | Sequence[str] | None
    reference_given: bool
    reference_field: str | ReferenceField | None
    if_exists: Literal["return", "match", "fail"]


class RecordCreation:
    """One run of a :class:`CreateJob`.

    :param client: the connection's client.
    :param job: the records.
    :param context: the task's context.
    :param log: the task's logger.
    :ivar resource: collection of the records that the API returns.
    :ivar name: numbers of the first record and of its customer, after the run. None: it has none.
    """

    def __init__(self, client: SevenTimeClient, job: CreateJob, context: Context, log: Any) -> None:
        from airflow_provider_seventime.contract.registry import find_collection

        self._client = client
        self._job = job
        self._context = context
        self._log = log
        self._collection = find_collection(job.resource, "create", client.settings.api_version)
        # A POST to stopTimer returns the time log that it created.
        self._created = find_collection(self._collection.created_resource or self._collection.name)
        if job.if_exists not in ("return", "match", "fail"):
            raise ConfigError(f"if_exists: {job.if_exists!r} is none of 'return', 'match' and 'fail'")
        self._references = references_for(job, self._collection, context)
        self._write_log = open_write_log(context, self._collection.name, self._references)
        self.resource = self._created.name
        self.name: str | None = None

    def run(self) -> list[dict[str, Any]]:
        """Create the records, or find those that exist, and return their summaries in order.

        :raises InvalidRecordError: a record is wrong; nothing was sent.
        :raises SevenTimeError: a record could not be created.
        """
        results = self._create_batch() if self._job.batch else [self._create_one()]
        self._report(results)
        self.name = short_name(self._created, results[0].record) if results else None
        return [
            summarise(self._created, result.record)
            | {"created": result.created, "differs": [difference.field for difference in result.differs]}
            for result in results
        ]

    def _create_one(self) -> CreateResult:
        reference = self._references[0]
        result = self._noted_record() or self._client.create_or_find(
            self._collection.name,
            self._job.records[0],
            reference=reference,
            write_log=self._write_log,
            prior_attempts=self._prior_attempts(has_reference=reference is not None),
            **self._options,
        )
        self._write_log.write_finished(str(result.record["_id"]))
        return result

    def _create_batch(self) -> list[CreateResult]:
        references = [reference for reference in self._references if reference is not None]
        return list(
            self._client.create_each(
                self._collection.name,
                self._job.records,
                references=references or None,
                write_log=self._write_log,
                prior_attempts=self._prior_attempts(has_reference=bool(references)),
                **self._options,
            )
        )

    def _noted_record(self) -> CreateResult | None:
        """Return the current state of the record that an earlier try created. None: there is no such record."""
        resource, record_id = self._created.name, self._write_log.created_id
        if record_id is None or not self._client.can(resource, "get"):
            return None
        try:
            record = self._client.get(resource, record_id)
        except NotFoundError:
            self._log.warning("%s %s, which an earlier try created, has been deleted since", resource, record_id)
            return None
        # The record is this task's own, so if_exists="fail" accepts it.
        options = self._options | ({"if_exists": "return"} if self._job.if_exists == "fail" else {})
        return self._client.compare_existing(
            self._collection.name, self._job.records[0], record, reference=self._references[0], **options
        )

    def _prior_attempts(self, *, has_reference: bool) -> PriorAttempts:
        from airflow_provider_seventime.api.writing.create_once import PriorAttempts

        has_key = has_reference or self._collection.unique_number is not None
        own_reference = not self._job.reference_given
        prior = prior_attempts_of(self._context, self._write_log, own_reference=own_reference, has_key=has_key)
        # With reference_field=None the DAG asks for no search without a reason.
        skip_search = self._job.reference_field is None and prior is PriorAttempts.UNKNOWN
        return PriorAttempts.NONE_SENT if skip_search else prior

    @property
    def _options(self) -> dict[str, Any]:
        field = self._job.reference_field
        return {"reference_field": None if field is ReferenceField.OWN else field, "if_exists": self._job.if_exists}

    def _report(self, results: Sequence[CreateResult]) -> None:
        if self._job.batch:
            created = sum(result.created for result in results)
            self._log.info("%s: %d created, %d existed before", self._created.name, created, len(results) - created)
            return
        self._log.info(
            "%s %s (%s)",
            describe(self._created, results[0].record, status_move(self._created, results[0].record)),
            "created" if results[0].created else "existed before",
            f"reference {self._references[0]}" if self._references[0] else "no reference",
        )


def references_for(job: CreateJob, collection: CollectionSpec, context: Context) -> list[str | None]:
    """Return one reference per record. None: the record gets no reference.

    :param job: the records.
    :param collection: their collection.
    :param context: the task's context, for the default reference.
    :raises ConfigError: the job gives a reference and no field for it, or not one reference per record.
    """
    count = len(job.records)
    if job.reference_field is None:
        if job.reference_given:
            raise ConfigError("reference is given and reference_field is None; give only one of them")
        return [None] * count
    if job.reference_given:
        return _given_references(job, count)
    if job.reference_field is ReferenceField.OWN and collection.reference_field is None:
        return [None] * count
    default = default_reference(context)
    return [f"{default}-{index}" for index in range(count)] if job.batch else [default]


def _given_references(job: CreateJob, count: int) -> list[str | None]:
    # A reference that rendered to None is an error, which the client raises. It must not become the default.
    if not job.batch:
        return [str(job.reference)]
    if isinstance(job.reference, str) or not isinstance(job.reference, Sequence) or len(job.reference) != count:
        raise ConfigError(f"reference must be a list with one for each of {count} records{_but_is(job.reference)}")
    return [str(reference) for reference in job.reference]


def require_dict(resource: str, parameter: str, record: object) -> Mapping[str, Any]:
    """Return a record, and refuse the text that a template may render to.

    :param resource: the collection.
    :param parameter: the operator's parameter.
    :param record: the value of the parameter.
    :raises InvalidRecordError: the value is not a dict.
    """
    if not isinstance(record, Mapping):
        raise InvalidRecordError(
            f"{resource}: create", [f"{parameter} must be a dict in the API's terms{_but_is(record)}"]
        )
    return record


def require_records(resource: str, records: object) -> Sequence[Mapping[str, Any]]:
    """Return a list of records, and refuse the text that a template may render to.

    :param resource: the collection.
    :param records: the value of the parameter ``records``.
    :raises InvalidRecordError: the value is not a list.
    """
    if isinstance(records, str | Mapping) or not isinstance(records, Sequence):
        raise InvalidRecordError(f"{resource}: create", [f"records must be a list{_but_is(records)}"])
    return records


def _but_is(value: object) -> str:
    return (
        f", not {type(value).__name__}. For a templated value, set render_template_as_native_obj=True on the DAG or "
        "pass the other task's output"
    )
