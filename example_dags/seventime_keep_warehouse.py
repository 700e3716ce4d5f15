"""Keep a whole account in the warehouse: every collection a table, one table that tells how fresh each is, and views.

Every hour:

1. Bring what changed, where Seven Time tells it, and the invoices, which are read whole.
2. Find what was deleted, in each collection that has not been looked through since midnight: it is read whole, but of
   three large ones a window of the last months is enough until Monday. What failed, or was missed while Airflow was
   down, is thus made up for by the next run.
3. Note in ``seventime_syncs`` how far each table is, what was read and written, and what it cost.
4. Where collections were read whole, create the views of ``warehouse_views/``, which are dbt models as well.

It needs two Airflow connections: ``seventime_default`` and ``seventime_warehouse`` (PostgreSQL, MySQL, MariaDB or
SQLite). With the Airflow variable ``seventime_personal_data`` set to ``leave out``, nothing of what ``personal_fields``
lists is written. Run it with the parameter ``whole`` to read collections whole at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from airflow.providers.common.compat.sdk import AirflowFailException, AirflowSkipException, BaseHook, Param, dag, task

from airflow_provider_seventime.contract.personal_data import personal_fields
from airflow_provider_seventime.dates import SWEDEN, calendar_date, load_zone, local_midnight, parse_instant
from airflow_provider_seventime.transfers.seventime_to_sql import SevenTimeToSqlOperator
from airflow_provider_seventime.transfers.sync.strategy import sync_strategies

WAREHOUSE = "seventime_warehouse"
VIEWS = Path(__file__).parent / "warehouse_views"

LEFT_OUT: frozenset[str] = frozenset()  # what you do not need, or what the key may not read
FRESH = frozenset({"invoices"})  # read whole every hour: Seven Time does not tell which of them were paid
CHOICES = ["*", *(one.resource for one in sync_strategies())]
RECENT, AHEAD = timedelta(days=92), timedelta(days=366)  # where time logs and the like are still deleted

# [START control]
CREATE_SYNCS = """
    CREATE TABLE IF NOT EXISTS seventime_syncs (
        resource varchar(100) NOT NULL,
        table_name varchar(255) NOT NULL,
        mode varchar(20) NOT NULL,
        started_at {instant} NOT NULL,
        recorded_at {instant} NOT NULL,
        watermark {instant},
        rows_read bigint NOT NULL,
        rows_written bigint NOT NULL,
        rows_deleted bigint NOT NULL,
        deletions varchar(255) NOT NULL,
        requests_made bigint NOT NULL,
        waited_seconds numeric(12, 3) NOT NULL,
        rejections bigint NOT NULL,
        run_id varchar(250) NOT NULL,
        PRIMARY KEY (table_name, mode)
    )
"""
LOOKED_THROUGH = "SELECT resource, mode, started_at FROM seventime_syncs WHERE deletions = 'done'"


def sync_row(manifest: Mapping[str, Any], run_id: str, recorded_at: datetime) -> dict[str, Any]:
    """Return the row of a read, from what its task handed on."""
    began = parse_instant(manifest["watermark"])
    return {
        "resource": manifest["resource"],
        "table_name": manifest["table"],
        "mode": manifest["mode"],
        "started_at": began,
        "recorded_at": recorded_at,
        # What changed outside a window is not known by reading it.
        "watermark": None if manifest["mode"] == "window" else began,
        "rows_read": manifest["rows_read"],
        "rows_written": manifest["rows_written"],
        "rows_deleted": manifest["rows_deleted"],
        "deletions": manifest["deletions"],
        "requests_made": manifest["requests_made"],
        "waited_seconds": manifest["waited_seconds"],
        "rejections": manifest["rejections"],
        "run_id": run_id,
    }


def write_syncs(warehouse: Any, rows: list[dict[str, Any]]) -> None:
    """Write rows in the place of those of the same table and mode."""
    if rows:
        values = [tuple(row.values()) for row in rows]
        key = ["table_name", "mode"]
        warehouse.insert_rows("seventime_syncs", values, target_fields=list(rows[0]), replace=True, replace_index=key)


def read_syncs(warehouse: Any) -> dict[tuple[str, str], datetime]:
    """Return when each table was last looked through, by collection and mode; make the table if there is none."""
    instant = "datetime(6)" if warehouse.dialect_name == "mysql" else "timestamp with time zone"
    warehouse.run(CREATE_SYNCS.format(instant=instant))
    known = warehouse.get_records(LOOKED_THROUGH)
    return {(resource, mode): parse_instant(str(began)) for resource, mode, began in known}


# [END control]


# [START due]
def changes_due() -> Iterator[dict[str, str]]:
    """Yield what every run reads, always in the same order: a mapped task knows its watermark by its place."""
    for one in sync_strategies():
        if one.changes == "incremental":
            yield {"resource": one.resource, "mode": "incremental"}
        elif one.resource in FRESH:
            yield {"resource": one.resource, "mode": "full", "deletions": "remove"}


def deletions_due(
    today: date, looked_through: Mapping[tuple[str, str], datetime], asked: Iterable[str] = ()
) -> Iterator[dict[str, str]]:
    """Yield what is read to find deletions.

    :param today: the Swedish date of the run.
    :param looked_through: when the newest such read began, by collection and mode.
    :param asked: collections that are read whole in any case; ``*``: all.
    """
    never, monday = datetime.min.replace(tzinfo=UTC), today - timedelta(days=today.weekday())
    midnight, week = (local_midnight(day, load_zone(SWEDEN)) for day in (today, monday))
    for one in sync_strategies():
        if one.resource in FRESH:
            continue  # looked through every hour
        full, window = (looked_through.get((one.resource, mode), never) for mode in ("full", "window"))
        if full < (week if one.deletions == "window" else midnight) or {one.resource, "*"} & set(asked):
            yield {"resource": one.resource, "mode": "full", "deletions": "remove"}
        elif max(full, window) < midnight:
            span = {"start": (today - RECENT).isoformat(), "end": (today + AHEAD).isoformat()}
            yield {"resource": one.resource, "mode": "window", "deletions": "remove", **span}


def protected(jobs: Iterable[dict[str, str]], personal_data: str) -> list[dict[str, Any]]:
    """Return what a task is mapped over, with the fields that are not to be written.

    :param personal_data: ``keep`` or ``leave out``.
    """
    if personal_data not in ("keep", "leave out"):
        raise AirflowFailException(f"seventime_personal_data is {personal_data!r}, not 'keep' or 'leave out'")
    kept = [job for job in jobs if job["resource"] not in LEFT_OUT]
    if personal_data == "keep":
        return kept
    return [{**job, "exclude_fields": personal_fields(job["resource"], free_text=True)} for job in kept]


# [END due]


# [START views]
def view_statements(dialect: str) -> list[str]:
    """Return the statements that create the views, each after those it stands on.

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
            # SQLite has no OR REPLACE. Elsewhere a view is not dropped: one of yours may stand on it.
            if dialect == "sqlite":
                statements[view] = [f"DROP VIEW IF EXISTS {view}", f"CREATE VIEW {view} AS {query}"]
            else:
                statements[view] = [f"CREATE OR REPLACE VIEW {view} AS {query}"]
        return view

    for path in sorted((VIEWS / "models").glob("*.sql")):
        ref(path.stem)
    return [statement for some in statements.values() for statement in some]


# [END views]


@dag(
    schedule="0 * * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,  # of two readings of a row the newer is to be written last
    params={
        "whole": Param(
            [],
            type="array",
            examples=CHOICES,
            items={"type": "string", "enum": CHOICES},
            description="Collections to read whole in this run, due or not; *: all",
        )
    },
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1)},
    doc_md=__doc__,
    tags=["seventime"],
)
def seventime_keep_warehouse() -> None:
    # [START keep]
    @task
    def hourly(personal_data: str) -> list[dict[str, Any]]:
        return protected(changes_due(), personal_data)

    @task
    def daily(
        personal_data: str, params: dict[str, Any], dag_run: Any = None, data_interval_end: datetime | None = None
    ) -> list[dict[str, Any]]:
        # The run's own time, not the clock's: a run that is late is still about its day. Airflow 2 has no run_after.
        run_after: Any = getattr(dag_run, "run_after", None) or data_interval_end
        today = calendar_date(run_after, load_zone(SWEDEN))
        looked_through = read_syncs(BaseHook.get_connection(WAREHOUSE).get_hook())
        return protected(deletions_due(today, looked_through, params["whole"]), personal_data)

    personal_data = "{{ var.value.get('seventime_personal_data', 'keep') }}"
    into_warehouse: dict[str, Any] = {
        "sql_conn_id": WAREHOUSE,
        "map_index_template": "{{ task.resource }}",
        # All of them share the key's four requests a second. A few keep it busy while others write; more would wait.
        "max_active_tis_per_dag": 3,
    }
    due = [hourly(personal_data), daily(personal_data)]
    changes = SevenTimeToSqlOperator.partial(task_id="changes", **into_warehouse).expand_kwargs(due[0])
    deletions = SevenTimeToSqlOperator.partial(
        task_id="deletions", trigger_rule="all_done", **into_warehouse
    ).expand_kwargs(due[1])
    changes >> deletions
    # [END keep]

    # [START record]
    @task(trigger_rule="all_done")
    def record(due: list[list[dict[str, Any]] | None], done: list[Any], run_id: str) -> None:
        """Note every read that succeeded, then fail if one did not."""
        manifests = [list(some or ()) for some in done]
        rows = [sync_row(manifest, run_id, datetime.now(UTC)) for some in manifests for manifest in some]
        write_syncs(BaseHook.get_connection(WAREHOUSE).get_hook(), rows)
        if None in due:
            raise AirflowFailException("What was due is not known: see the tasks hourly and daily")
        failed = [name for jobs, some in zip(due, manifests, strict=True) for name in resources(jobs) - resources(some)]
        if failed:
            raise AirflowFailException(f"Not kept up in this run, see their tasks: {', '.join(sorted(failed))}")

    def resources(told: Iterable[Mapping[str, Any]]) -> set[str]:
        return {one["resource"] for one in told}

    record(due, [changes.output, deletions.output])
    # [END record]

    @task(trigger_rule="all_done")
    def views(read_complete: list[Any] | None) -> None:
        """Create the views anew where tables may have been made or widened."""
        if not read_complete:
            raise AirflowSkipException("Nothing was read whole in this run")
        warehouse = BaseHook.get_connection(WAREHOUSE).get_hook()
        warehouse.run(view_statements(warehouse.dialect_name))

    deletions >> views(due[1])


seventime_keep_warehouse()
