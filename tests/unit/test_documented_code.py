"""Code of README.md and docs/, as a reader pastes it: a block at a time, with its own imports, against the sandbox.

Operators of a block are rendered and executed, each with the results of the blocks above it on the page. Mapped tasks
are only built. Airflow itself runs the DAGs of the README and of the tutorial (``tests/integration``).
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import DAG, BaseOperator, TaskDeferred
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_3_PLUS

from airflow_provider_seventime.testing import TEST_EXTRA
from tests.conftest import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
IMPORTS_THAT_TESTS_LACK = (
    "import pandas",
    "from pyspark",
    *(() if AIRFLOW_V_3_3_PLUS else ("from airflow_provider_seventime.retry_policy",)),
)


@dataclass(frozen=True)
class Block:
    """Block of code of a page.

    :param page: path of the page from the root, with the block's first line.
    :param language: language that the page names.
    :param code: the text.
    """

    page: str
    language: str
    code: str


def blocks() -> Iterator[Block]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for found in BLOCK.finditer(text):
            line = text.count("\n", 0, found.start()) + 2
            yield Block(f"{page.relative_to(ROOT)}:{line}", found[1], found[2])


BLOCKS = list(blocks())


@dataclass
class Runner:
    """Runs the blocks of a page.

    :param folder: stands for ``/tmp``.
    :param fixtures: arguments of the tests among the blocks, by name.
    """

    folder: Path
    fixtures: dict[str, Any]
    results: dict[str, Any] = field(default_factory=dict)
    executed: list[str] = field(default_factory=list)

    def run(self, block: Block) -> None:
        """Run a block, then the tasks of its DAGs and the tests that it defines."""
        tree = ast.parse(block.code.replace("/tmp/", f"{self.folder}/"), block.page)
        last = tree.body[-1]
        namespace: dict[str, Any] = {"__name__": "pasted"}
        made = None
        with DAG("pasted", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC)) as dag:
            if isinstance(last, ast.Expr):  # perhaps the call that makes a DAG
                exec(compile(ast.Module(tree.body[:-1], []), block.page, "exec"), namespace)
                made = eval(compile(ast.Expression(last.value), block.page, "eval"), namespace)
            else:
                exec(compile(tree, block.page, "exec"), namespace)
        for one in (dag, *([made] if isinstance(made, DAG) else [])):
            self._execute(one)
        for name, value in namespace.items():
            if name.startswith("test_"):
                value(**{name: self.fixtures[name] for name in value.__annotations__ or ("seventime_sandbox",)})
                self.executed.append(name)

    def _execute(self, dag: Any) -> None:
        for task in dag.topological_sort():
            if not isinstance(task, BaseOperator) or not type(task).__module__.startswith("airflow_provider_seventime"):
                continue  # mapped, or a function that needs events of an asset
            context = self._context(task.task_id)
            task.render_template_fields(context)
            try:
                self.results[task.task_id] = task.execute(context)
            except TaskDeferred as waiting:
                self.results[task.task_id] = waiting
            self.executed.append(task.task_id)

    def _context(self, task_id: str) -> Any:
        ti = SimpleNamespace(
            dag_id="pasted",
            run_id="manual",
            task_id=task_id,
            map_index=-1,
            try_number=1,
            xcom_pull=self._xcom_pull,
            xcom_push=lambda key, value: None,
        )
        return {
            "ti": ti,
            "params": {"ticket": 4711},
            # As CronDataIntervalTimetable("0 6 1 * *", timezone="UTC") has it.
            "data_interval_start": pendulum_month(9),
            "data_interval_end": pendulum_month(10),
        }

    def _xcom_pull(self, task_ids: str, **_: Any) -> Any:
        return self.results.get(task_ids)


def pendulum_month(month: int) -> Any:
    import pendulum

    return pendulum.datetime(2026, month, 1, 6)


@pytest.fixture
def runner(sandbox: Any, connect: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    connect(extra={**TEST_EXTRA, "hash_secret": "of-this-test-only"})
    sandbox.pay_after(0)
    warehouse = {"conn_type": "sqlite", "host": str(tmp_path / "warehouse.db")}
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", json.dumps(warehouse))
    (tmp_path / "protocols").mkdir()
    (tmp_path / "protocols" / "4711.pdf").write_bytes(b"%PDF-1.7")
    return Runner(tmp_path, {"seventime_sandbox": sandbox})


def test_every_block_of_python_runs_as_a_reader_pastes_it(runner, subtests):
    for block in (one for one in BLOCKS if one.language == "python"):
        if any(one in block.code for one in IMPORTS_THAT_TESTS_LACK):
            ast.parse(block.code)
            continue
        with subtests.test(block.page):
            runner.run(block)

    # The README's DAG and the operators of every page.
    assert {"hours", "invoice", "books", "paid", "create_invoice", "send", "order", "plan", "time_logs"} <= set(
        runner.executed
    )


def test_other_blocks_are_well_formed(subtests):
    for block in BLOCKS:
        with subtests.test(block.page):
            if block.language == "json":
                json.loads(block.code)
            elif block.language == "sh":
                subprocess.run(["sh", "-n"], input=block.code, text=True, check=True, timeout=30)


def test_a_block_with_a_mistake_is_found(runner):
    with pytest.raises(NameError, match="SevenTimeHook"):
        runner.run(Block("page:1", "python", "SevenTimeHook().count('customers')\n"))
