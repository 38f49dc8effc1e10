"""Work beside housekeeping, in a thread that is replaced where a job hangs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection

from blog.jobs import Task
from blog.platform import interrupts

PAUSE_SECONDS = 1.0
LAST_SECONDS = 1.0
log = logging.getLogger("blog.site")


class Bench:
    """Do the jobs of one process.

    Python cannot end a thread, so one whose job is past its lease is left alone and another
    goes on; it takes nothing more of that plugin until the job ends, so that a plugin costs a
    process one thread at most.
    """

    def __init__(
        self,
        begin_night: Callable[[], None],
        work: Callable[[Task, Collection[str]], bool],
        give_up: Callable[[Task], None],
    ) -> None:
        self._begin_night, self._work, self._give_up = begin_night, work, give_up
        self._task = Task()
        self._thread: threading.Thread | None = None
        self._hanging: set[str] = set()

    def look_after(self, stopped: threading.Event) -> None:
        """Begin to work, or go on in another thread where a job is past its lease."""
        late = self._task if self._task.is_late() else None
        if self._thread is None or late:
            if late:
                self._hanging.add(late.plugin)
            self._task = Task()
            self._thread = threading.Thread(
                target=self._go_on, args=(self._task, stopped), daemon=True
            )
            self._thread.start()
        if late:
            self._give_up(late)

    def wait(self) -> None:
        """Wait a moment for the job under way."""
        if self._thread is not None:
            self._thread.join(LAST_SECONDS)

    def _go_on(self, task: Task, stopped: threading.Event) -> None:
        while self._task is task and not stopped.wait(PAUSE_SECONDS):
            try:
                self._begin_night()
                while self._work(task, self._hanging) and self._task is task:
                    if stopped.is_set():
                        return
            except BaseException as error:  # nobody else does it in this process
                interrupts.heed(error)
                log.exception("work failed; it is tried again")
        if self._task is not task:
            self._hanging.discard(task.plugin)
