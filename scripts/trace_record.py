"""Traces the modules and functions of the package that one record, one invoice and one connection pass.

``python scripts/trace_record.py`` runs three ways through the package against a sandbox in a process of its own:

* ``record``: one time log from an HTTP page to a row of SQLite (``SyncTimeLogsOperator``);
* ``invoice``: one invoice from ``CreateInvoiceOperator`` to a POST whose response is lost;
* ``connection``: one Airflow connection to the transport (``SevenTimeHook.test_connection``).

It prints how many modules and functions each passes, and every call from a lower folder into a higher one. The import
contracts in pyproject.toml give the order of the folders. They do not see such a call: it comes by a callback or an
object that was passed down. ``--edges`` lists the calls between folders; ``--root`` traces another checkout with the
same interpreter.

A function counts once, however often it runs. Code that runs while a module is imported does not count.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType, SimpleNamespace
from typing import Any
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "airflow_provider_seventime"
BESIDE_THE_WAY = (f"{PACKAGE}.sandbox", f"{PACKAGE}.testing")
CONN_ENV = "AIRFLOW_CONN_SEVENTIME_DEFAULT"
COMPREHENSIONS = (".<locals>.<genexpr>", ".<locals>.<listcomp>", ".<locals>.<dictcomp>", ".<locals>.<setcomp>")
LOST_RESPONSE = {"kind": "reset", "method": "POST", "collection": "invoices", "when": "after"}


@dataclass(frozen=True)
class Function:
    """A function of the package by module and qualified name; a comprehension belongs to its function."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module.removeprefix(PACKAGE + '.')}.{self.name}"


@dataclass
class Trace:
    """Functions that ran and the calls between them.

    :param functions: each function that ran.
    :param calls: caller and callee with the number of calls.
    :param reads: the same for resumed generators: the caller reads an iterator of the callee.
    """

    functions: set[Function] = field(default_factory=set)
    calls: Counter[tuple[Function, Function]] = field(default_factory=Counter)
    reads: Counter[tuple[Function, Function]] = field(default_factory=Counter)

    @property
    def modules(self) -> set[str]:
        """The modules of the functions."""
        return {function.module for function in self.functions}


def function_of(frame: FrameType) -> Function | None:
    """Return the function of a frame; None outside the package, at import, and in a class body."""
    module = str(frame.f_globals.get("__name__", ""))
    if not module.startswith(f"{PACKAGE}.") or module.startswith(BESIDE_THE_WAY):
        return None
    if not frame.f_code.co_flags & inspect.CO_NEWLOCALS:
        return None
    return Function(module, qualified_name(frame.f_code))


def qualified_name(code: CodeType) -> str:
    """Return the name of a function with its class; of a comprehension, the name of the function around it."""
    name = code.co_qualname
    while name.endswith(COMPREHENSIONS):
        name = name.rpartition(".<locals>.")[0]
    return name


def caller_of(frame: FrameType) -> tuple[Function | None, bool]:
    """Return the nearest caller within the package, and whether a module is being imported above it."""
    nearest, above = None, frame.f_back
    while above is not None:
        if above.f_code.co_name == "<module>" and str(above.f_globals.get("__name__", "")).startswith(PACKAGE):
            return nearest, True
        nearest = nearest or function_of(above)
        above = above.f_back
    return nearest, False


@contextmanager
def traced() -> Iterator[Trace]:
    """Record the package's calls in every thread that runs or starts meanwhile."""
    trace, lock = Trace(), threading.Lock()

    def profile(frame: FrameType, event: str, _argument: Any) -> None:
        if event != "call" or (callee := function_of(frame)) is None:
            return
        caller, importing = caller_of(frame)
        if importing:
            return
        with lock:
            trace.functions.add(callee)
            if caller is not None and caller != callee:
                generator = frame.f_code.co_flags & inspect.CO_GENERATOR
                (trace.reads if generator else trace.calls)[caller, callee] += 1

    threading.setprofile(profile)
    sys.setprofile(profile)
    try:
        yield trace
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


class Layers:
    """Order of the package's folders, from the import contracts of a checkout.

    :param contracts: ``tool.importlinter.contracts`` of pyproject.toml.
    """

    def __init__(self, contracts: list[dict[str, Any]]) -> None:
        self._layers: dict[str, list[str]] = {}
        for contract in contracts:
            if contract["type"] == "layers":
                self._layers.update(dict.fromkeys(contract["containers"], contract["layers"]))

    def is_upward(self, caller: str, callee: str) -> bool:
        """Return whether a call goes to a higher folder, or to a folder on the same line that may not be imported.

        :param caller: module, for example ``airflow_provider_seventime.api.http.retry``.
        :param callee: module.
        """
        calling, called = caller.split("."), callee.split(".")
        for depth, (mine, theirs) in enumerate(zip(calling, called, strict=False)):
            if mine != theirs:
                layers = self._layers.get(".".join(calling[:depth]), [])
                below, above = self._rank(layers, mine), self._rank(layers, theirs)
                if below is None or above is None:
                    return False
                return above < below or (above == below and "|" in layers[above])
        return False

    @staticmethod
    def _rank(layers: list[str], name: str) -> int | None:
        """Return the line of a folder in a contract, 0 for the highest; None where it has none."""
        return next((rank for rank, line in enumerate(layers) if name in re.split(r"[ |:()]+", line)), None)


def read_layers(root: Path) -> Layers:
    """Return the order of the folders of a checkout."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return Layers(project["tool"]["importlinter"]["contracts"])


def folder(module: str) -> str:
    """Return the folder of a module, for example ``api/http``; a module at the top of the package is its own."""
    parts = module.split(".")[1:]
    return "/".join(parts[:-1]) or parts[0]


class InstantClock:
    """Clock whose sleeping takes no time."""

    def __init__(self) -> None:
        self._slept = 0.0

    def monotonic(self) -> float:
        """Return seconds, the slept ones included."""
        return time.monotonic() + self._slept

    def sleep(self, seconds: float) -> None:
        """Move the clock on."""
        self._slept += seconds


def trace_connection() -> Trace:
    """Trace an Airflow connection until the transport has sent a request for it."""
    from airflow_provider_seventime.hooks.seventime import SevenTimeHook

    with traced() as trace:
        works, message = SevenTimeHook().test_connection()
    if not works:
        raise SystemExit(f"The sandbox must accept the connection: {message}")
    return trace


def trace_record() -> Trace:
    """Trace a time log into a table of SQLite."""
    from airflow_provider_seventime.operators.time_logs import SyncTimeLogsOperator

    operator = SyncTimeLogsOperator(task_id="sync", sql_conn_id="warehouse")
    with traced() as trace:
        manifest = operator.execute(context())
    if manifest["rows_written"] != 1:
        raise SystemExit(f"The sync must write one row. It returned {manifest}")
    return trace


def trace_invoice() -> Trace:
    """Trace an invoice whose POST gets no response."""
    from airflow_provider_seventime.hooks.seventime import SevenTimeHook
    from airflow_provider_seventime.operators.invoices import CreateInvoiceOperator

    SevenTimeHook.clock = InstantClock()
    (customer, *_) = SevenTimeHook().list("customers", max_records=1)
    order_fault(LOST_RESPONSE)
    operator = CreateInvoiceOperator(
        task_id="invoice",
        reference="trace-1",
        invoice={
            "customer": customer["_id"],
            "language": "SV",
            "invoiceDate": "2026-10-01",
            "invoiceItems": [{"itemType": "general", "name": "Retainer", "numberOfItems": 1, "unitPrice": 4900}],
        },
    )
    with traced() as trace:
        summary = operator.execute(context())
    if not isinstance(summary, dict) or not summary["_id"]:
        raise SystemExit(f"The operator must create one invoice. It returned {summary}")
    return trace


def context() -> Any:
    """Return as much of a task's context as the operators use."""
    return {"ti": SimpleNamespace(try_number=1, xcom_pull=lambda **_: None, xcom_push=lambda **_: None)}


WAYS: dict[str, Callable[[], Trace]] = {
    "record": trace_record,
    "invoice": trace_invoice,
    "connection": trace_connection,
}


def order_fault(fault: dict[str, Any]) -> None:
    """Order one fault of the sandbox."""
    host = str(json.loads(os.environ[CONN_ENV])["host"])
    request = Request(f"{host}/_sandbox/faults", json.dumps([fault]).encode(), method="POST")  # noqa: S310 - loopback
    with urlopen(request):  # noqa: S310 - loopback
        pass


@contextmanager
def sandbox(root: Path) -> Iterator[str]:
    """Run a sandbox with one time log in a process of its own; yield the connection to it as JSON."""
    command = [sys.executable, "-m", f"{PACKAGE}.sandbox", "--port", "0", "--rate-limit", "0"]
    options = ["--today", "2026-10-01", "--time-logs", "1"]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*command, *options], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        yield connection_to(process)
    finally:
        process.terminate()
        process.wait()


def connection_to(process: subprocess.Popen[str]) -> str:
    """Return the connection that the sandbox prints when it has started.

    :raises SystemExit: the sandbox ended without printing it.
    """
    prefix = f"export {CONN_ENV}='"
    for line in process.stdout or ():
        if line.startswith(prefix):
            return line.strip().removeprefix(prefix).removesuffix("'")
    raise SystemExit("The sandbox did not start. Run `make sandbox` to see why.")


def run_way(name: str, root: Path) -> Trace:
    """Run one way in this process, with a sandbox and an Airflow home of its own."""
    sys.path.insert(0, str(root))
    with tempfile.TemporaryDirectory() as home, sandbox(root) as connection:
        os.environ.update(
            {
                "AIRFLOW_HOME": home,
                "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
                "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
                CONN_ENV: connection,
                "AIRFLOW_CONN_WAREHOUSE": json.dumps({"conn_type": "sqlite", "host": f"{home}/warehouse.db"}),
            }
        )
        tempfile.tempdir = home
        return WAYS[name]()


def report(name: str, trace: Trace, layers: Layers, *, edges: bool) -> str:
    """Return the figures of a trace as text.

    :param edges: list the calls between folders too.
    """
    lines = [f"{name}: {len(trace.modules)} modules, {len(trace.functions)} functions"]
    if edges:
        between = Counter(
            (folder(caller.module), folder(callee.module)) for caller, callee in {**trace.calls, **trace.reads}
        )
        lines += [f"  {one} -> {other}: {count}" for (one, other), count in sorted(between.items()) if one != other]
    for title, found in (
        ("calls into a higher folder", upward(trace.calls, layers)),
        ("iterators of a higher folder that are read", upward(trace.reads, layers)),
    ):
        lines.append(f"  {title}: {len(found) or 'none'}")
        lines += [f"    {caller} -> {callee}" for caller, callee in found]
    return "\n".join(lines)


def upward(calls: Counter[tuple[Function, Function]], layers: Layers) -> list[tuple[Function, Function]]:
    """Return the calls that go from a lower folder into a higher one, in the order of their names."""
    return sorted((pair for pair in calls if layers.is_upward(pair[0].module, pair[1].module)), key=str)


def main(arguments: list[str] | None = None) -> int:
    """Trace the ways and print what they pass.

    :return: 1 where a lower folder calls into a higher one, otherwise 0.
    """
    parser = argparse.ArgumentParser(description="Trace a record, an invoice and a connection through the package.")
    parser.add_argument("ways", nargs="*", metavar="WAY", help=f"{', '.join(WAYS)} (default: all)")
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout to trace (default: this one)")
    parser.add_argument("--edges", action="store_true", help="list the calls between folders too")
    given = parser.parse_args(arguments)
    for name in given.ways:
        if name not in WAYS:
            parser.error(f"there is no way {name!r}; choose among {', '.join(WAYS)}")
    if len(given.ways) == 1:
        layers = read_layers(given.root)
        trace = run_way(given.ways[0], given.root.resolve())
        print(report(given.ways[0], trace, layers, edges=given.edges))
        return 1 if upward(trace.calls, layers) else 0
    options = ["--root", str(given.root), *(["--edges"] if given.edges else [])]
    # Each way in a process of its own: caches that one has filled would hide functions of the next.
    return max(
        subprocess.run([sys.executable, __file__, name, *options], check=False).returncode  # noqa: S603
        for name in given.ways or WAYS
    )


if __name__ == "__main__":
    sys.exit(main())
