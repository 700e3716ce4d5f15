"""Values of a run that their fields cannot hold: all are named in one error, or written as NULL and counted."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Literal

from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import MisfitError

logger = logging.getLogger(__name__)

OnMisfit = Literal["fail", "null"]
ON_MISFIT: tuple[OnMisfit, ...] = ("fail", "null")
MOST_NAMED = 20


class Misfits:
    """Misfit values of a run.

    :param collection: whose records are read.
    :param on_misfit: ``fail``: :meth:`check` raises an error. ``null``: the columns are NULL.
    :ivar number: how many there were.
    """

    def __init__(self, collection: CollectionSpec, on_misfit: OnMisfit = "fail") -> None:
        self.number = 0
        self._collection = collection
        self._on_misfit = on_misfit
        self._named: list[str] = []
        self._fields: Counter[str] = Counter()

    def add(self, field: str, text: str) -> None:
        """Add a value.

        :param field: that cannot hold it.
        :param text: record, field and form of the value, without the value.
        """
        self.number += 1
        self._fields[field] += 1
        if len(self._named) < MOST_NAMED:
            self._named.append(text)

    def check(self) -> None:
        """Raise an error that names the values, or log how many became NULL.

        :raises MisfitError: there are some, and ``on_misfit`` is ``fail``.
        """
        if not self.number:
            return
        if self._on_misfit == "null":
            counts = ", ".join(f"{field} {number}" for field, number in sorted(self._fields.items()))
            logger.warning(
                "%s: values that their columns cannot hold are NULL there, and are kept in record: %s",
                self._collection.name,
                counts,
            )
            return
        listed = "\n".join(f"  - {one}" for one in self._named)
        others = self.number - len(self._named)
        more = f"\n  - and {others} others" if others else ""
        raise MisfitError(
            f"{self._collection.name}: {self.number} values do not fit their fields, and nothing was written:\n"
            f"{listed}{more}\nCorrect the records in Seven Time, or give on_misfit='null' to write NULL for such values"
        )
