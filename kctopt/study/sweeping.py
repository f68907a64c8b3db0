"""Members on their way to a study's file: handed to an executor in tasks, taken as they end, written.

    parent    hashes members, leaves out those that the file has, hands out tasks of about a second, writes what ends
    worker    solves each member from the base of its scenario (worker.py)

What may happen, and what follows:

| event | what follows |
|---|---|
| a member is infeasible, invalid, runs out of time or fails | it is a row with its reason |
| a process dies | what was handed to it is tried again, each member alone; one whose process dies twice so is `lost` |
| an interrupt, the parent dies, the disk is full | what was written stays; the next run goes on from there |
| another process has the file | an error, before anything is solved |
"""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from dataclasses import dataclass, field, replace
from itertools import islice

from kctopt.brief import counted
from kctopt.errors import SolverError, WriteError
from kctopt.progress import step
from kctopt.status import Status
from kctopt.study.executors import Maker
from kctopt.study.members import Overlay, content_of, key_of
from kctopt.study.origins import told_origin
from kctopt.study.records import Draws, Study
from kctopt.study.store import Store, rescued
from kctopt.study.worker import Done, Row, solve_members, spec_bytes

TASK = 1.0  # seconds of work of a task
MOST = 500  # members of a task
AHEAD = 2  # tasks for each worker that wait for it
WRITE = 0.5  # seconds between two writings
FINE = (Status.OPTIMAL,)  # what --fail-fast lets pass
ALONE = 2  # deaths of the processes that solved a member alone, and it is lost
LOST = "its worker process died twice while it alone was solved: too little memory, or killed"


@dataclass(frozen=True)
class Task:
    """One member to be solved."""

    scenario: int
    member: str
    overlay: Overlay


@dataclass
class Tally:
    """What is known while members end."""

    count: int  # members to be solved
    started: float = field(default_factory=time.perf_counter)
    done: int = 0
    worst: float = 0.0  # gap
    workers: set[str] = field(default_factory=set)
    seconds: float = 0.0  # of all members so far

    def take(self, done: Done) -> None:
        """Count what a task brought."""
        for row in done.rows:
            self.done += 1
            self.seconds += row.seconds
            self.workers.add(row.worker)
            self.worst = max(self.worst, row.gap or 0.0)

    def size(self) -> int:
        """Members of the next task: about a second of work."""
        if not self.done:
            return 1
        mean = max(self.seconds / self.done, 1e-3)
        left = max(1, math.ceil((self.count - self.done) / max(1, AHEAD * len(self.workers))))
        return max(1, min(MOST, round(TASK / mean), left))

    def tell(self) -> None:
        """Members done, rate, time left, worst gap, to who listens."""
        rate = self.done / max(1e-9, time.perf_counter() - self.started)
        left = (self.count - self.done) / rate if rate > 0 else math.inf
        step(f"member {self.done} of {self.count}, {rate:.3g} a second, {left:.0f} s left, worst gap {self.worst:.1e}")


def tasks_of(study: Study, draws: Draws, gap: float) -> tuple[list[Task], list[tuple[str, int, str]]]:
    """Members of a study, scenario by scenario and draw by draw, and where each stands."""
    tasks, places = [], []
    for n, scenario in enumerate(study.scenarios):
        content = content_of(scenario)
        for d in range(len(draws.values)):
            overlay = draws.overlay(d)
            member = key_of(content, overlay, gap)
            tasks.append(Task(n, member, overlay))
            places.append((scenario.name, d, member))
    return tasks, places


class Sweeping:
    """Members on their way to a store.

    `waiting` are to be handed out, `running` are with a worker, `suspects` were handed to a pool of which a process
    died, begun or not: each is tried again, alone, so that the one that kills its process is known.
    """

    def __init__(
        self, store: Store, study: Study, tasks: Sequence[Task], gap: float, time_limit: float | None, fail_fast: bool
    ) -> None:
        self.store, self.fail_fast, self.time_limit = store, fail_fast, time_limit
        self.specs = [spec_bytes(scenario, gap, time_limit) for scenario in study.scenarios]
        self.inputs = study.inputs
        self.waiting, self.suspects = deque(tasks), deque[Task]()
        self.running: dict[Future[Done], list[Task]] = {}
        self.alone: Task | None = None  # the suspect that is running
        self.deaths = Counter[str]()  # of processes that solved a member alone
        self.tally = Tally(len(tasks))
        self.unsaved: list[Done] = []
        self.saved = time.perf_counter()
        self.failed: Row | None = None  # what --fail-fast stopped at

    def run(self, executor: Executor, another: Maker | None) -> None:
        """Solve all; what has ended is written even where this raises."""
        try:
            while (self.waiting or self.suspects or self.running) and self.failed is None:
                try:
                    self._hand_out(executor)
                    whole = self._collect()
                except BrokenExecutor as error:  # it takes nothing more
                    if another is None:
                        raise SolverError(
                            f"the executor takes no more work ({error}); run the sweep again, it goes on from here"
                        ) from error
                    whole = False
                if not whole:
                    self._died(list(self.running))
                    executor = executor if another is None else another()
                self._save_in_time()
        finally:
            self._take([future for future in self.running if future.done()])
            for future in self.running:
                future.cancel()
            self._save()

    def _hand_out(self, executor: Executor) -> None:
        """Submit as many tasks as keep every worker busy, or one suspect alone."""
        if self.suspects or self.alone is not None:
            if self.suspects and not self.running:
                self.alone = self.suspects[0]
                self._submit(executor, [self.alone])
                self.suspects.popleft()
            return
        room = AHEAD * max(AHEAD, len(self.tally.workers))
        while self.waiting and len(self.running) < room:
            tasks = self._next()
            future = self._submit(executor, tasks)
            for _ in tasks:
                self.waiting.popleft()
            if future.done():  # in this very process
                return

    def _next(self) -> list[Task]:
        """The tasks that go out together: of one scenario, about a second of work."""
        first, tasks = self.waiting[0], list[Task]()
        for task in islice(self.waiting, self.tally.size()):
            if task.scenario != first.scenario:
                break
            tasks.append(task)
        return tasks

    def _submit(self, executor: Executor, tasks: list[Task]) -> Future[Done]:
        pairs = [(task.member, task.overlay) for task in tasks]
        future = executor.submit(solve_members, self.specs[tasks[0].scenario], pairs)
        self.running[future] = tasks
        return future

    def _collect(self) -> bool:
        """Take what has ended; False where the executor is broken."""
        ended, _ = wait(self.running, timeout=WRITE, return_when=FIRST_COMPLETED)
        return self._take(ended)

    def _take(self, ended: Iterable[Future[Done]]) -> bool:
        """Results of tasks that have ended; what a dead process was at is tried again. False for a broken executor."""
        whole, lost = True, list[Future[Done]]()
        for future in ended:
            try:
                done = future.result()
            except BrokenExecutor:
                whole = False
            except (Exception, CancelledError):  # of the executor's: what members raise is in their rows
                lost.append(future)
            else:
                self._ended(future, done)
        self._died(lost)
        return whole

    def _ended(self, future: Future[Done], done: Done) -> None:
        del self.running[future]
        self.alone = None
        done.rows = [replace(row, reason=told_origin(row.reason, self.inputs)) for row in done.rows]
        self.unsaved.append(done)
        self.tally.take(done)
        self.tally.tell()
        if self.fail_fast and self.failed is None:
            self.failed = next((row for row in done.rows if row.status not in FINE), None)

    def _died(self, futures: Sequence[Future[Done]]) -> None:
        """What was with processes that died: suspects, or lost where those that had it alone died of it."""
        for future in futures:
            tasks = self.running[future]
            alone = tasks == [self.alone]
            self.deaths.update(task.member for task in tasks if alone)
            if alone and self.deaths[tasks[0].member] >= ALONE:
                lost = Row(tasks[0].member, "lost", reason=LOST, time_limit=self.time_limit)
                self._ended(future, Done([lost]))
                continue
            del self.running[future]
            self.suspects.extend(tasks)
            self.alone = None if alone else self.alone

    def _save_in_time(self) -> None:
        if time.perf_counter() - self.saved > WRITE:
            self._save()

    def _save(self) -> None:
        """Write what has ended; where the disk takes no more, a copy elsewhere has it."""
        done, self.unsaved, self.saved = self.unsaved, [], time.perf_counter()
        try:
            self.store.add(done)
        except WriteError as error:
            self.waiting.clear()
            self.suspects.clear()
            kept = rescued(self.store, done)
            count = sum(len(part.rows) for part in done)
            where = (
                f"{counted(count, 'member')} that had just ended could be written nowhere, and will be solved again"
                if kept is None
                else f"A copy with everything that has ended is kept in {kept}"
            )
            raise WriteError(f"{error}. {where}", kept) from error
