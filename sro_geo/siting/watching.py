"""Whether to go on: progress told, cancelling and the time limit heard, now and then."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

_EVERY = 0.1


class Watch:
    """Asks the caller a few times a second; ``stopped`` says why the search is to end.

    Parameters
    ----------
    progress
        Called with (found so far, still possible).
    cancelled
        True ends the search.
    time_limit
        Seconds from now.
    """

    def __init__(
        self,
        progress: Callable[[float, float], None] | None,
        cancelled: Callable[[], bool] | None,
        time_limit: float | None,
    ) -> None:
        self.stopped = ""
        self._progress = progress
        self._cancelled = cancelled
        self._end = None if time_limit is None else time.monotonic() + time_limit
        self._asked = -_EVERY
        self._found, self._possible = -math.inf, math.inf

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the limit, None without one."""
        return None if self._end is None else max(0.0, self._end - time.monotonic())

    def __call__(self, found: float, possible: float) -> bool:
        """Return whether to stop; what is told only ever gets better."""
        self._found, self._possible = max(self._found, found), min(self._possible, possible)
        now = time.monotonic()
        if self._end is not None and now >= self._end:
            self.stopped = self.stopped or "time_limit"
        elif now - self._asked >= _EVERY:
            self._asked = now
            if self._cancelled is not None and self._cancelled():
                self.stopped = self.stopped or "cancelled"
            elif self._progress is not None:
                self._progress(self._found, self._possible)
        return bool(self.stopped)
