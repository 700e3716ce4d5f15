"""Sizes of the tests that repeat themselves: small by default, larger by environment variables.

``make thorough`` runs the suite with the large sizes; each variable also works alone:

==============================  =======  ========  ============================================
variable                        default  thorough  size
==============================  =======  ========  ============================================
``SEVENTIME_EXAMPLES``                1        10  times the Hypothesis examples of each property
``SEVENTIME_FUZZ_EXAMPLES``         100     20000  responses of each fuzz test
``SEVENTIME_KILLS``                  15       100  killed tries of each kind of task
``SEVENTIME_STORM_INVOICES``        300      2000  invoices of the storm
``SEVENTIME_STORM_SEED``              1         1  seed of the storm
``SEVENTIME_TOGETHER_CLEARS``         1        20  batches marked as failed and cleared in Airflow
``SEVENTIME_TOGETHER_ROUNDS``         3        20  rounds of each case of simultaneous writers
``SEVENTIME_TOGETHER_STORM``         30       300  invoices that two workers create in a storm
``SEVENTIME_WAREHOUSE_DAYS``          6        30  days of changes that a copy follows
``SEVENTIME_WAREHOUSE_TIME_LOGS``  3000    100000  time logs that are copied and compared
==============================  =======  ========  ============================================
"""

from __future__ import annotations

import os


def _size(name: str, default: int) -> int:
    return int(os.environ.get(f"SEVENTIME_{name}", default))


FUZZ_EXAMPLES = _size("FUZZ_EXAMPLES", 100)
KILLS = _size("KILLS", 15)
STORM_INVOICES = _size("STORM_INVOICES", 300)
STORM_SEED = _size("STORM_SEED", 1)
TOGETHER_CLEARS = _size("TOGETHER_CLEARS", 1)
TOGETHER_ROUNDS = _size("TOGETHER_ROUNDS", 3)
TOGETHER_STORM = _size("TOGETHER_STORM", 30)
WAREHOUSE_DAYS = _size("WAREHOUSE_DAYS", 6)
WAREHOUSE_TIME_LOGS = _size("WAREHOUSE_TIME_LOGS", 3000)


def examples(default: int) -> int:
    """Return the number of Hypothesis examples of a property."""
    return default * _size("EXAMPLES", 1)
