"""Copy a whole account to a database every hour: a table per collection, a control view and views.

Every run:

1. ``changes`` reads the changed records of collections whose changes the API lists, and all invoices.
2. ``deletions`` reads the collections that had no successful full read since midnight, and removes the rows of deleted
   records. Of three large collections it reads a window of the last months, and all records on Mondays. So the next run
   repeats reads that failed, or that Airflow missed.
3. ``record`` creates the control view ``seventime_syncs`` of the figures that each read leaves in
   ``seventime_copies``. If all reads succeeded, it updates the asset ``seventime_warehouse``.
4. ``views`` creates the views of ``warehouse_views/``, which are dbt models too, after a run that read collections in
   full.

The DAG needs two Airflow connections: ``seventime_default`` and ``seventime_warehouse`` (PostgreSQL, MySQL, MariaDB or
SQLite). Set the Airflow variable ``seventime_personal_data`` to ``leave out`` to write no field that
``personal_fields`` lists. The parameter ``whole`` of a run names collections to read in full now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from airflow.providers.common.compat.sdk import (
    AirflowFailException,
    AirflowSkipException,
    Asset,
    BaseHook,
    Param,
    TaskGroup,
    dag,
    task,
)

from airflow_provider_seventime.contract.personal_data import personal_fields
from airflow_provider_seventime.dates import SWEDEN, calendar_date, load_zone, local_midnight, parse_instant
from airflow_provider_seventime.transfers.seventime_to_sql import SevenTimeToSqlOperator
from airflow_provider_seventime.transfers.sync.strategy import sync_strategies

WAREHOUSE = "seventime_warehouse"
VIEWS = Path(__file__).parent / "warehouse_views"
COPY = Asset("seventime_warehouse")

EXCLUDED: frozenset[str] = frozenset()  # collections that you do not need, or that the key may not read
FULL_EVERY_HOUR = frozenset({"invoices"})  # read in full: the API does not list which invoices were paid
COLLECTIONS = ["*", *(one.resource for one in sync_strategies())]
# Window for deletions in the three large collections, on other days than Monday.
WINDOW_PAST, WINDOW_FUTURE = timedelta(days=92), timedelta(days=366)

# [START control]
SYNCS = """
    SELECT collection AS resource, table_name, mode, started_at, recorded_at, watermark, rows_read, rows_written,
        rows_older, rows_deleted, deletions, requests_made, waited_seconds, rejections, run_id
    FROM seventime_copies AS newest
    WHERE recorded_at = (
        SELECT MAX(recorded_at) FROM seventime_copies
        WHERE table_name = newest.table_name AND mode = newest.mode
    )
"""
DELETION_READS = "SELECT collection, mode, started_at FROM seventime_copies WHERE deletions = 'done'"


def create_syncs(warehouse: Any) -> None:
    """Create the view ``seventime_syncs``, the newest read of each table and mode, again."""
    if warehouse.dialect_name == "sqlite":  # it has no OR REPLACE
        warehouse.run(["DROP VIEW IF EXISTS seventime_syncs", f"CREATE VIEW seventime_syncs AS {SYNCS}"])
    else:
        warehouse.run(f"CREATE OR REPLACE VIEW seventime_syncs AS {SYNCS}")


def last_deletion_reads(warehouse: Any) -> dict[tuple[str, str], datetime]:
    """Return when the newest read that found deletions began, by collection and mode.

    The operators write ``seventime_copies``; before their first run it does not exist.
    """
    from sqlalchemy import inspect

    engine = warehouse.get_sqlalchemy_engine()
    exists = inspect(engine).has_table("seventime_copies")
    engine.dispose()
    newest: dict[tuple[str, str], datetime] = {}
    for resource, mode, started_at in warehouse.get_records(DELETION_READS) if exists else ():
        began = parse_instant(str(started_at))
        newest[resource, mode] = max(began, newest.get((resource, mode), began))
    return newest


# [END control]


# [START due]
def changes_due() -> Iterator[dict[str, str]]:
    """Yield the reads of every run, always in the same order: a mapped task finds its watermark by its map index."""
    for one in sync_strategies():
        if one.changes == "incremental":
            yield {"resource": one.resource, "mode": "incremental"}
        elif one.resource in FULL_EVERY_HOUR:
            yield {"resource": one.resource, "mode": "full", "deletions": "remove"}


def deletions_due(
    today: date, deletion_reads: Mapping[tuple[str, str], datetime], requested: Iterable[str] = ()
) -> Iterator[dict[str, str]]:
    """Yield the reads that find deletions.

    :param today: the Swedish date of the run.
    :param deletion_reads: when the newest such read began, by collection and mode.
    :param requested: collections that are read in full in any case; ``*``: all.
    """
    never, monday = datetime.min.replace(tzinfo=UTC), today - timedelta(days=today.weekday())
    midnight, week = (local_midnight(day, load_zone(SWEDEN)) for day in (today, monday))
    for one in sync_strategies():
        if one.resource in FULL_EVERY_HOUR:
            continue  # every run reads it in full
        full, window = (deletion_reads.get((one.resource, mode), never) for mode in ("full", "window"))
        if full < (week if one.deletions == "window" else midnight) or {one.resource, "*"} & set(requested):
            yield {"resource": one.resource, "mode": "full", "deletions": "remove"}
        elif max(full, window) < midnight:
            span = {"start": (today - WINDOW_PAST).isoformat(), "end": (today + WINDOW_FUTURE).isoformat()}
            yield {"resource": one.resource, "mode": "window", "deletions": "remove", **span}


def apply_settings(reads: Iterable[dict[str, str]], personal_data: str) -> list[dict[str, Any]]:
    """Return the arguments of mapped tasks, without excluded collections and with the fields to exclude.

    :param reads: from :func:`changes_due` or :func:`deletions_due`.
    :param personal_data: ``keep`` or ``leave out``.
    """
    if personal_data not in ("keep", "leave out"):
        raise AirflowFailException(f"seventime_personal_data is {personal_data!r}, not 'keep' or 'leave out'")
    included = [read for read in reads if read["resource"] not in EXCLUDED]
    if personal_data == "keep":
        return included
    return [{**read, "exclude_fields": personal_fields(read["resource"], free_text=True)} for read in included]


# [END due]


# [START views]
def view_statements(dialect: str) -> list[str]:
    """Return the statements that create the views, each after the views that it selects from.

    :param dialect: SQLAlchemy's name of the database.
    """
    from jinja2 import Environment, StrictUndefined

    jinja = Environment(undefined=StrictUndefined)  # noqa: S701 - SQL is no HTML
    macros = "".join(path.read_text() for path in sorted((VIEWS / "macros").glob("*.sql")))
    target = SimpleNamespace(type={"postgresql": "postgres"}.get(dialect, dialect))
    statements: dict[str, list[str]] = {}

    def ref(view: str) -> str:
        if view not in statements:
            model = jinja.from_string(macros + (VIEWS / "models" / f"{view}.sql").read_text())
            query = model.render(source=lambda _, table: f"seventime_{table}", ref=ref, target=target)
            # SQLite has no OR REPLACE. On other databases a view is not dropped, because your views may select from it.
            if dialect == "sqlite":
                statements[view] = [f"DROP VIEW IF EXISTS {view}", f"CREATE VIEW {view} AS {query}"]
            else:
                statements[view] = [f"CREATE OR REPLACE VIEW {view} AS {query}"]
        return view

    for path in sorted((VIEWS / "models").glob("*.sql")):
        ref(path.stem)
    return [statement for of_view in statements.values() for statement in of_view]


# [END views]


@dag(
    dag_display_name="Seven Time: keep a warehouse",
    schedule="0 * * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,  # so that the newer of two readings of a row is written last
    params={
        "whole": Param(
            [],
            type="array",
            examples=COLLECTIONS,
            items={"type": "string", "enum": COLLECTIONS},
            title="Collections to read in full",
            description="They are read in full in this run, whether due or not. *: all collections.",
        )
    },
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1)},
    doc_md=__doc__,
    tags=["seventime"],
)
def seventime_keep_warehouse() -> None:
    # [START keep]
    @task(task_display_name="Plan the reads of changes")
    def plan_changes(personal_data: str) -> list[dict[str, Any]]:
        """Return the arguments of the tasks that read changes."""
        return apply_settings(changes_due(), personal_data)

    @task(task_display_name="Plan the reads that find deletions")
    def plan_deletions(
        personal_data: str, params: dict[str, Any], dag_run: Any = None, data_interval_end: datetime | None = None
    ) -> list[dict[str, Any]]:
        """Return the arguments of the tasks that find deletions, which the control view shows to be due.

        It uses the time of the run, so that a late run plans for its own day. Airflow 2 has no ``run_after``.
        """
        run_after: Any = getattr(dag_run, "run_after", None) or data_interval_end
        today = calendar_date(run_after, load_zone(SWEDEN))
        deletion_reads = last_deletion_reads(BaseHook.get_connection(WAREHOUSE).get_hook())
        return apply_settings(deletions_due(today, deletion_reads, params["whole"]), personal_data)

    personal_data = "{{ var.value.get('seventime_personal_data', 'keep') }}"
    common: dict[str, Any] = {
        "sql_conn_id": WAREHOUSE,
        "map_index_template": "{{ task.resource }}",
        # The tasks share the key's four requests a second. Three use them up; more would only wait.
        "max_active_tis_per_dag": 3,
    }
    due = [plan_changes(personal_data), plan_deletions(personal_data)]
    with TaskGroup("reads", prefix_group_id=False, tooltip="A mapped task per collection"):
        changes = SevenTimeToSqlOperator.partial(
            task_id="changes",
            task_display_name="Copy the changes",
            doc_md="Copies the changed records of one collection, or all of its records if no read preceded.",
            **common,
        ).expand_kwargs(due[0])
        deletions = SevenTimeToSqlOperator.partial(
            task_id="deletions",
            task_display_name="Find the deletions",
            doc_md="Reads one collection in full or in a window, and removes the rows of deleted records.",
            trigger_rule="all_done",
            **common,
        ).expand_kwargs(due[1])
        changes >> deletions
    # [END keep]

    # [START record]
    @task(task_display_name="Create the control view", trigger_rule="all_done", outlets=[COPY])
    def record(due: list[list[dict[str, Any]] | None], done: list[Any]) -> None:
        """Create the control view of all successful reads, then fail if a read failed.

        Success updates the asset ``seventime_warehouse``: a DAG of yours may run on it.
        """
        manifests = [list(of_task or ()) for of_task in done]
        if any(manifests):  # the operators wrote the figures of their reads
            create_syncs(BaseHook.get_connection(WAREHOUSE).get_hook())
        if None in due:
            raise AirflowFailException("The reads were not planned: see the logs of plan_changes and plan_deletions")
        failed = [
            name
            for planned, succeeded in zip(due, manifests, strict=True)
            for name in resources(planned) - resources(succeeded)
        ]
        if failed:
            raise AirflowFailException(
                f"Not updated in this run, see the logs of their tasks: {', '.join(sorted(failed))}"
            )

    def resources(reads: Iterable[Mapping[str, Any]] | None) -> set[str]:
        return {read["resource"] for read in reads or ()}

    record(due, [changes.output, deletions.output])
    # [END record]

    @task(task_display_name="Create the views", trigger_rule="all_done")
    def views(due_deletions: list[Any] | None) -> None:
        """Create the views again, because the full reads may have created tables or added columns."""
        if not due_deletions:
            raise AirflowSkipException("No collection was due for deletions in this run")
        warehouse = BaseHook.get_connection(WAREHOUSE).get_hook()
        warehouse.run(view_statements(warehouse.dialect_name))

    deletions >> views(due[1])


seventime_keep_warehouse()
