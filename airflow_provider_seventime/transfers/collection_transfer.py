"""Base of the operators that move a collection out of Seven Time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.providers.common.compat.sdk import BaseOperator

from airflow_provider_seventime.hooks.extra_links import ApiDocumentationLink
from airflow_provider_seventime.hooks.instance_names import period_name
from airflow_provider_seventime.hooks.seventime_task import SevenTimeTask
from airflow_provider_seventime.transfers.reading.read_parameters import Moment, ReadParameters

if TYPE_CHECKING:
    from airflow.providers.openlineage.extractors import OperatorLineage

    from airflow_provider_seventime.transfers.lineage.asset_events import RunLineage


class CollectionTransfer(SevenTimeTask, BaseOperator):
    """Operator with the parameters of a read as attributes.

    It has no constructor: Airflow accepts every parameter of every constructor of an operator's base classes.
    """

    template_fields_renderers: ClassVar[dict[str, str]] = {"filters": "json"}

    resource: str
    modified_since: Moment | None
    start: Moment | None
    end: Moment | None
    filters: Mapping[str, Any] | None
    overlap_seconds: float
    min_expected_rows: int | str | None
    exclude_fields: Sequence[str]
    hash_fields: Sequence[str]
    seventime_conn_id: str

    operator_extra_links = (ApiDocumentationLink(),)

    _lineage: RunLineage | None = None

    def _instance_name(self) -> str:
        return period_name(str(self.resource), self.start, self.end)

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> OperatorLineage[Any, Any] | None:  # noqa: ARG002
        """Return the datasets of the run, for the OpenLineage provider; None if that is not installed.

        :param task_instance: Airflow's task instance; unused.
        """
        from airflow_provider_seventime.transfers.lineage.openlineage import openlineage_of

        return openlineage_of(self._lineage)

    def _store_read_parameters(self, parameters: ReadParameters) -> None:
        """Store each parameter as an attribute, which Airflow renders if it is a template field."""
        for parameter in fields(parameters):
            setattr(self, parameter.name, getattr(parameters, parameter.name))

    def _read_parameters(self) -> dict[str, Any]:
        """Return the parameters of the read, rendered."""
        return {parameter.name: getattr(self, parameter.name) for parameter in fields(ReadParameters)}
