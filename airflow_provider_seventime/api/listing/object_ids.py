"""MongoDB's ids: they begin with the second of their making, and so ascend as records are made."""

from __future__ import annotations

import re
from datetime import datetime

OBJECT_ID = re.compile("[0-9a-f]{24}")
SECOND_DIGITS = 8
# Ids are made by other machines than the one that dates the answers.
CLOCK_MARGIN_SECONDS = 60


def is_object_id(record_id: str) -> bool:
    """Tell whether an id has the form of MongoDB's, in lower case."""
    return OBJECT_ID.fullmatch(record_id) is not None


def may_be_made_since(record_id: str, moment: datetime | None) -> bool:
    """Tell whether a record may have been made at a moment or later, as far as its id shows.

    :param record_id: of an id that is no ObjectId nothing is known.
    :param moment: by the server's clock (aware); None: unknown.
    """
    if moment is None or not is_object_id(record_id):
        return True
    return int(record_id[:SECOND_DIGITS], 16) >= moment.timestamp() - CLOCK_MARGIN_SECONDS
