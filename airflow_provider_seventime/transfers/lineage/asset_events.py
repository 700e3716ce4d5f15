"""Asset events and hook lineage of a run: the collection that it read, the table or file that it wrote."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_provider_seventime.contract.registry import find_collection
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.transfers.lineage.dataset_uris import (
    Address,
    collection_address,
    file_address,
    table_address,
)

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Asset, Context
    from sqlalchemy.engine import Engine

    from airflow_provider_seventime.api.client import SevenTimeClient
    from airflow_provider_seventime.hooks.seventime import SevenTimeHook

logger = logging.getLogger(__name__)

TARGET_KEYS = ("table", "path")
MANIFEST_KEYS = ("resource", "mode", "start", "end", "rows_read", "rows_written", "rows_deleted", "watermark")

Columns = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLineage:
    """Source and target of one run, without credentials and without records.

    :param source: the collection.
    :param target: the table or the file; None: it has no address outside this machine or connection.
    :param fields: of the collection, as name and kind.
    :param columns: of the target, as name and type.
    :param manifest: of the run.
    :param sql_conn_id: the connection of the table's database; None: the target is a file.
    """

    source: Address
    target: Address | None
    fields: Columns
    columns: Columns
    manifest: Mapping[str, Any]
    sql_conn_id: str | None = None

    @property
    def event_extra(self) -> dict[str, Any]:
        """Extra of an asset event. It has plain values only: Airflow 2.11 refuses lists and objects here."""
        target = {name: self.manifest[name] for name in TARGET_KEYS if name in self.manifest}
        return target | {name: self.manifest.get(name) for name in MANIFEST_KEYS}


def table_lineage(
    client: SevenTimeClient, engine: Engine, manifest: Mapping[str, Any], *, sql_conn_id: str, marks_deletions: bool
) -> RunLineage:
    """Return the lineage of a sync into a table.

    :param client: that the sync read from.
    :param engine: that the sync wrote to; no query is sent.
    :param manifest: of the sync.
    :param sql_conn_id: the Airflow connection of the engine.
    :param marks_deletions: the table has the column ``deleted_at``.
    """
    from airflow_provider_seventime.warehouse.schema.columns import columns_of

    collection = _collection_of(client, manifest)
    columns = columns_of(collection, marks_deletions=marks_deletions)
    return RunLineage(
        source=collection_address(client.settings.base_url, collection.name),
        target=table_address(engine.url, engine.dialect.default_schema_name, manifest["table"]),
        fields=_fields_of(collection),
        columns=[(column.name, column.type.compile(engine.dialect)) for column in columns],
        manifest=manifest,
        sql_conn_id=sql_conn_id,
    )


def file_lineage(
    client: SevenTimeClient, manifest: Mapping[str, Any], *, exclude_fields: Sequence[str] = ()
) -> RunLineage:
    """Return the lineage of an export into files.

    :param client: that the export read from.
    :param manifest: of the export.
    :param exclude_fields: fields that were left out.
    """
    collection = _collection_of(client, manifest)
    fields = _fields_of(collection)
    return RunLineage(
        source=collection_address(client.settings.base_url, collection.name),
        target=file_address(manifest["path"]),
        fields=fields,
        columns=_file_columns(collection, manifest["format"], [one for one in fields if one[0] not in exclude_fields]),
        manifest=manifest,
    )


def report(lineage: RunLineage, context: Context, outlets: Iterable[Any], hook: SevenTimeHook) -> None:
    """Report the lineage of a run to Airflow: to the assets among the outlets, and to the hook lineage collector.

    :param lineage: of the run.
    :param context: the task's context.
    :param outlets: of the task.
    :param hook: the hook that the collector names as the reporter.
    """
    from airflow.providers.common.compat.lineage.hook import get_hook_lineage_collector

    target = None if lineage.target is None else _asset_at(lineage.target)
    events: Any = context.get("outlet_events")
    if events is not None:
        add_asset_events(events, outlets, target, lineage.event_extra)
    collector: Any = get_hook_lineage_collector()
    collector.add_input_asset(context=hook, uri=lineage.source.uri)
    if target is not None:
        collector.add_output_asset(context=hook, uri=target.uri)


def add_asset_events(events: Any, outlets: Iterable[Any], target: Asset | None, extra: Mapping[str, Any]) -> None:
    """Add the extra to the event of every asset among the outlets, and the target to every alias.

    :param events: Airflow's ``outlet_events`` of the context.
    :param outlets: of the task; an outlet that is no asset is ignored.
    :param target: the asset that the run wrote; None: it has no address.
    :param extra: of the events.
    """
    from airflow.providers.common.compat.sdk import Asset, AssetAlias

    for outlet in outlets:
        if isinstance(outlet, (Asset, *_asset_references())):
            events[outlet].extra.update(extra)
        elif isinstance(outlet, AssetAlias) and target is not None:
            events[outlet].add(target, extra=dict(extra))
        elif isinstance(outlet, AssetAlias):
            logger.warning(
                "The alias %r gets no event, because the table or file has no address that another DAG could use. Set "
                "an asset as outlet, or set host and database in the connection",
                outlet.name,
            )


def _asset_references() -> tuple[type, ...]:
    try:
        from airflow.sdk.definitions.asset import AssetRef
    except ImportError:  # Airflow before 3.0
        return ()
    return (AssetRef,)


def _asset_at(address: Address) -> Asset | None:
    """Return the asset of an address; None: Airflow refuses the address, for example because it is too long."""
    from airflow.providers.common.compat.sdk import Asset

    try:
        return Asset(uri=address.uri)
    except ValueError as error:
        logger.warning("Airflow refuses %s as the address of an asset: %s", address.uri, error)
        return None


def _collection_of(client: SevenTimeClient, manifest: Mapping[str, Any]) -> CollectionSpec:
    return find_collection(manifest["resource"], "list", client.settings.api_version)


def _fields_of(collection: CollectionSpec) -> Columns:
    return [(collection.id_field, "id"), *((name, kind.value) for name, kind in collection.fields.items())]


def _file_columns(collection: CollectionSpec, file_format: str, fields: Columns) -> Columns:
    from airflow_provider_seventime.files.file_formats import FileFormat

    if file_format != FileFormat.PARQUET:
        return fields
    from airflow_provider_seventime.files.parquet import schema_of

    return [(field.name, str(field.type)) for field in schema_of(collection)]
