"""How much a random test does: a share in every run, all of it in `make soak`.

A test joins with `@pytest.mark.soak` and asks `times(share, whole)` how often to go round.
"""

from __future__ import annotations

import os

SOAKING = os.environ.get("ESCALATE_SOAK") == "1"


def times(share: int, whole: int) -> int:
    """`share` in every run of the tests, `whole` in `make soak`."""
    return whole if SOAKING else share
