"""OpenLineage facets of a run: the datasets, their columns, and the number of rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import AirflowException, BaseHook

from airflow_provider_seventime.transfers.lineage.asset_events import Columns, RunLineage
from airflow_provider_seventime.transfers.lineage.dataset_uris import Address

if TYPE_CHECKING:
    from airflow.providers.common.compat.openlineage.facet import InputDataset, OutputDataset, SchemaDatasetFacet
    from airflow.providers.openlineage.extractors import OperatorLineage


def openlineage_of(lineage: RunLineage | None) -> OperatorLineage[Any, Any] | None:
    """Return the facets of a run.

    :param lineage: of the run; None: the run failed.
    :return: None if the OpenLineage provider is not installed.
    """
    try:
        from airflow.providers.openlineage.extractors import OperatorLineage
    except ImportError:
        return None
    if lineage is None:
        return OperatorLineage()
    outputs = [] if lineage.target is None else [_output(lineage, lineage.target)]
    return OperatorLineage(inputs=[_input(lineage)], outputs=outputs)


def _input(lineage: RunLineage) -> InputDataset:
    from airflow.providers.common.compat.openlineage.facet import InputDataset

    source = lineage.source
    return InputDataset(source.namespace, source.name, facets={"schema": _schema(lineage.fields)})


def _output(lineage: RunLineage, target: Address) -> OutputDataset:
    from airflow.providers.common.compat.openlineage.facet import OutputDataset, OutputStatisticsOutputDatasetFacet

    namespace, name = target.namespace, target.name
    if target.provisional and lineage.sql_conn_id is not None:
        namespace, name = _names_of_hook(target, lineage.sql_conn_id)
    manifest = lineage.manifest
    statistics = OutputStatisticsOutputDatasetFacet(
        rowCount=manifest["rows_written"], size=manifest.get("bytes_written"), fileCount=_files_written(manifest)
    )
    return OutputDataset(
        namespace, name, facets={"schema": _schema(lineage.columns)}, outputFacets={"outputStatistics": statistics}
    )


def _files_written(manifest: Mapping[str, Any]) -> int | None:
    if "path" not in manifest:
        return None
    partitions: int | None = manifest.get("partitions")
    return 1 if partitions is None else partitions


def _schema(columns: Columns) -> SchemaDatasetFacet:
    from airflow.providers.common.compat.openlineage.facet import SchemaDatasetFacet, SchemaDatasetFacetFields

    return SchemaDatasetFacet(fields=[SchemaDatasetFacetFields(name=name, type=kind) for name, kind in columns])


def _names_of_hook(target: Address, sql_conn_id: str) -> tuple[str, str]:
    """Return namespace and name of a table by the rules of its hook, as other operators report it.

    This looks the connection up, in a process that OpenLineage forks. So it is done only for databases whose addresses
    :mod:`.dataset_uris` does not know.
    """
    from airflow.providers.common.sql.hooks.sql import DbApiHook
    from airflow.providers.openlineage.sqlparser import SQLParser

    try:
        connection = BaseHook.get_connection(sql_conn_id)
        hook = connection.get_hook()
        info = hook.get_openlineage_database_info(connection) if isinstance(hook, DbApiHook) else None
    except (AirflowException, ImportError, ValueError):  # deleted, malformed, or a package is missing
        info = None
    if info is None:
        return target.namespace, target.name
    return SQLParser.create_namespace(info), target.name.upper() if info.is_uppercase_names else target.name
