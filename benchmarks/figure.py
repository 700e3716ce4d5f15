"""Figure of the results: one panel per scenario, one bar per candidate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.results import Results
from benchmarks.runs import Measurement
from benchmarks.scenarios.concurrent import BY_REDIS
from benchmarks.tables import OURS, most, typical

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWN_COLOUR = "#0b7285"
OTHER_COLOUR = "#b8c4cc"
INK = "#343a40"
SHORT = {
    "requests loop, 100 a page": "requests, 100 a page",
    "floor, one connection": "floor",
    "floor, 8 connections": "floor",
    "requests loop": "requests",
    "dlt pipeline": "dlt",
    "dlt with rest_api": "dlt",
    BY_REDIS: f"{OURS}, Redis",
}


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel of the figure.

    :param table: name of the table with the numbers.
    :param title: title of the panel.
    :param value: returns the number of a candidate.
    :param form: format of the number beside its bar.
    """

    table: str
    title: str
    value: Callable[[Measurement], float | None]
    form: str = ".1f"


def _milliseconds(measurement: Measurement) -> float | None:
    seconds = typical(measurement, "seconds")
    return None if seconds is None else seconds * 1000


PANELS = (
    Panel("limit", "At the limit: seconds", lambda one: typical(one, "seconds")),
    Panel("concurrent", "Four at once: seconds", lambda one: typical(one, "seconds")),
    Panel("concurrent", "Four at once: rejections", lambda one: most(one, "rejections"), ".0f"),
    Panel("latency", "0.2 s latency, no limit: seconds", lambda one: typical(one, "seconds")),
    Panel("cost", "200,000 records to a file: CPU seconds", lambda one: typical(one, "cpu_seconds")),
    Panel("cost", "200,000 records to a file: peak MB", lambda one: typical(one, "peak_mb"), ".0f"),
    Panel("import", "Imports: milliseconds", _milliseconds, ".0f"),
    Panel("faults", "One response in ten fails: seconds", lambda one: typical(one, "seconds")),
)
COLUMNS = 2
MIN_BARS = 5  # minimum number of bar positions, so that bars are equally thick in all panels
# White background, so that the line of the ideal does not cross a number.
NUMBER = {"fontsize": 8.5, "color": INK, "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 0.6}}


def draw(results: Results, path: Path) -> None:
    """Draw the figure.

    :param results: the numbers.
    :param path: SVG or PNG file to write.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    # Text is not converted to paths, and equal numbers give equal files.
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "seventime", "font.family": "sans-serif"})
    panels = [panel for panel in PANELS if results.table(panel.table)]
    rows = -(-len(panels) // COLUMNS)
    figure = Figure(figsize=(10, 2.05 * rows), layout="constrained", facecolor="white")
    figure.get_layout_engine().set(h_pad=0.12, w_pad=0.08)
    all_axes = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    for axes, panel in zip(all_axes, panels, strict=False):
        _draw_panel(axes, panel, results)
    for axes in all_axes[len(panels) :]:
        axes.axis("off")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110, metadata={"Date": None} if path.suffix == ".svg" else {})


def _draw_panel(axes: Axes, panel: Panel, results: Results) -> None:
    table = results.table(panel.table)
    measured = [(one.label, panel.value(one)) for one in (table.measurements if table else []) if one.turns]
    # The table has rows for parts of the provider; the figure shows the whole only.
    bars = [(label, value) for label, value in measured if value is not None and not label.startswith(f"{OURS}:")]
    labels = [SHORT.get(label, label) for label, _ in bars]
    values = [value for _, value in bars]
    colours = [OWN_COLOUR if label.startswith(OURS) else OTHER_COLOUR for label, _ in bars]
    drawn = axes.barh(range(len(bars)), values, color=colours, height=0.72)
    axes.bar_label(drawn, labels=[f"{value:{panel.form}}" for value in values], padding=5, **NUMBER)
    axes.set_yticks(range(len(bars)), labels, fontsize=8.5, color=INK)
    axes.set_ylim(max(len(bars), MIN_BARS) - 0.4, -0.6)
    axes.set_xlim(0, max([*values, 1e-9]) * 1.14)
    axes.set_xticks([])
    axes.set_title(panel.title, loc="left", fontsize=9.5, fontweight="bold", color=INK)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.spines["left"].set_color(OTHER_COLOUR)
    axes.tick_params(length=0)
    ideal = typical(table.measurements[0], "ideal_seconds") if table and panel.table != "faults" else None
    if ideal is not None and "seconds" in panel.title:
        axes.axvline(ideal, color="#e8590c", linewidth=1.2, linestyle=(0, (3, 2)))
        axes.set_title(f"dashed: ideal {ideal:.1f}", loc="right", fontsize=8.5, color="#e8590c")
