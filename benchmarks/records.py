"""Pages of time logs with the size and fields of real ones, generated at low cost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

SAMPLE = Path(__file__).resolve().parents[1] / "tests" / "contract" / "samples" / "v2" / "timeLogs.list.json"
FIRST_ID_SECONDS = 0x514959F8  # March 2013: the provider reads old records in the order of their ids
MACHINE = "733259db75"
VARIANTS = 97
NAMES = ("Tommy Hellström", "Åsa Lindqvist", "Björn Öberg", "Maria Söderström", "Per-Erik Nyqvist")
WORK = ("", "Montering av dörrar, plan 2", "Felsökning ventilation", "Möte med beställaren; ritningar hämtade", "Resa")


def record_id(number: int) -> str:
    """Return the id of a record. Ids are ObjectIds and ascend with the number.

    :param number: number of the record, from 0.
    """
    return f"{FIRST_ID_SECONDS + 10 * number:08x}{MACHINE}{number:06x}"


class TimeLogPages:
    """Encoded pages of a list of time logs. Only the ids are generated per request."""

    def __init__(self) -> None:
        sample = json.loads(SAMPLE.read_text(encoding="utf-8"))["data"][0]
        self._rests = [rest.encode() for rest in _rests(sample)]

    def page(self, number: int, size: int, total: int) -> bytes:
        """Return the body of a response.

        :param number: number of the page, from 1.
        :param size: records per page.
        :param total: number of records in the list.
        """
        meta = {"totalResources": total, "totalPages": -(-total // size), "currentPage": number}
        rests = self._rests
        first = (number - 1) * size
        records = b",".join(
            b'{"_id":"%s",%s' % (record_id(index).encode(), rests[index % VARIANTS])
            for index in range(first, min(first + size, total))
        )
        return b'{"meta":%s,"data":[%s]}' % (json.dumps(meta).encode(), records)


def _rests(sample: dict[str, object]) -> Iterator[str]:
    """Yield the JSON after the id of a record, in several variants."""
    for variant in range(VARIANTS):
        hours = 0.25 * (variant % 40) + variant / 7
        changes = {
            "cost": round(hours * 259.57, 4),
            "time": hours,
            "invoiceableTime": hours,
            "userName": NAMES[variant % len(NAMES)],
            "description": WORK[variant % len(WORK)],
            "isInvoiced": variant % 3 == 0,
            "project": f"{0x5F57385D + variant:08x}be6f05476e{variant:06x}",
            "customer": f"{0x5E57385D + variant:08x}be6f05476e{variant:06x}",
        }
        rest = {name: changes.get(name, value) for name, value in sample.items() if name != "_id"}
        yield json.dumps(rest, ensure_ascii=False, separators=(",", ":")).removeprefix("{")
