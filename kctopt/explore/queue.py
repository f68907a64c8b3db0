"""One solver for all tabs: the latest request of each tab is kept, older ones are dropped or stopped on the way.

Requests wait in the order of their tabs, so that nobody who moves a lever fast keeps others from their answer. A solve
ends early between two of its pieces, as it does for Ctrl-C (kctopt/progress.py).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from kctopt.progress import Progress, listening

TABS = 1000  # whose latest request is remembered
Work = Callable[[], object]


class Job:
    """A request: what is to be done, who hears of its progress, and whether anybody still waits for it."""

    def __init__(self, work: Work, heard: Callable[[Progress], object], dropped: Callable[[], object]) -> None:
        self.work, self._heard, self._dropped = work, heard, dropped
        self._over = threading.Event()

    @property
    def over(self) -> bool:
        """Whether nobody waits for it any more."""
        return self._over.is_set()

    def drop(self) -> None:
        """Nobody waits for it any more."""
        if not self._over.is_set():
            self._over.set()
            self._dropped()

    def run(self) -> None:
        """Do the work, unless it was dropped."""
        if self.over:
            return
        try:
            with listening(self._listen):
                self.work()
        except KeyboardInterrupt:  # a listener asked to stop
            self.drop()
        self._over.set()

    def _listen(self, now: Progress) -> None:
        if self.over:
            raise StopIteration
        self._heard(now)


class Queue:
    """A thread that does one job after the other.

    Examples
    --------
    >>> from kctopt.explore.queue import Queue
    >>> queue, done = Queue(), []
    >>> job = queue.put("tab", lambda: done.append(1))
    >>> queue.close(finish=True)
    >>> done
    [1]
    """

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, Job] = OrderedDict()
        self._turns: OrderedDict[str, int] = OrderedDict()
        self._running: tuple[str, Job] | None = None
        self._changed, self._closed = threading.Condition(), False
        self._thread = threading.Thread(target=self._work, name="kctopt-explore", daemon=True)
        self._thread.start()

    def put(
        self, tab: str, work: Work, heard: Callable[[Progress], object] = lambda now: None,
        dropped: Callable[[], object] = lambda: None, turn: int | None = None,
    ) -> Job:  # fmt: skip
        """Ask for work in the name of a tab, in place of what that tab asked for before.

        Parameters
        ----------
        tab : str
            Whose request it is.
        work : callable
            Done in the thread of the queue; what it raises is its own to catch.
        heard : callable, optional
            Given a `kctopt.Progress` as the work goes on.
        dropped : callable, optional
            Called where the request is given up before it has ended.
        turn : int, optional
            Which request of its tab it is; one that comes behind a later one is dropped. The latest by default.

        Returns
        -------
        Job
            Its `drop` gives it up.

        Examples
        --------
        >>> from kctopt.explore.queue import Queue
        >>> queue = Queue()
        >>> queue.put("tab", lambda: None).over in (True, False)
        True
        >>> queue.close()
        """
        job = Job(work, heard, dropped)
        with self._changed:
            running = self._running[1] if self._running and self._running[0] == tab else None
            older = [job] if self._late(tab, turn) else [self._waiting.pop(tab, None), running]
            if job not in older:
                self._waiting[tab] = job
                self._changed.notify_all()
        for other in older:
            if other is not None:
                other.drop()
        return job

    def _late(self, tab: str, turn: int | None) -> bool:
        """Whether nothing is taken any more, or a later request of this tab was; else this one is its latest."""
        last = self._turns.get(tab, -1)
        if self._closed or (turn is not None and turn < last):
            return True
        self._turns[tab] = last + 1 if turn is None else turn
        self._turns.move_to_end(tab)
        while len(self._turns) > TABS:
            self._turns.popitem(last=False)
        return False

    def close(self, finish: bool = False) -> None:
        """Take no more, drop what waits (with `finish` do it first), and wait for the thread to end."""
        with self._changed:
            self._closed = True
            dropped = [] if finish else [*self._waiting.values(), *([self._running[1]] if self._running else [])]
            if not finish:
                self._waiting.clear()
            self._changed.notify_all()
        for job in dropped:
            job.drop()
        self._thread.join()

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closed:
                    self._changed.wait()
                if not self._waiting:
                    return
                self._running = self._waiting.popitem(last=False)
            self._running[1].run()
            with self._changed:
                self._running = None
