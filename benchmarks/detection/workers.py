"""Work in forked processes: a few at a time, each with all that its parent knows."""

import os
import pickle
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

Found = TypeVar("Found")


class Workers:
    """Does pieces of work in children; with the parent at most `jobs` processes work at a time.

    What is found comes through a file in `directory`; `told` hears of it at once, `results` gives
    it in the end.
    """

    def __init__(self, jobs: int, directory: Path, told: Callable[[Any, Any], object]) -> None:
        self._jobs = max(1, jobs)
        self._directory = directory
        self._told = told
        self._names: dict[int, Any] = {}
        self._done: list[tuple[Any, Any]] = []
        self._child = False

    def run(self, name: object, work: Callable[[], object]) -> None:
        """Have a child do a piece of work."""
        if self.fork(name):
            self.carry(work)

    def fork(self, name: object) -> bool:
        """Go on twice: True in the child, False in the parent once there is room for it."""
        pid = os.fork()
        if pid == 0:
            self._child = True
            return True
        self._names[pid] = name
        while len(self._names) >= self._jobs:
            self._wait()
        return False

    def carry(self, work: Callable[[], Found]) -> Found:
        """Do work that may fork on its way; only the process that began it comes back."""
        try:
            found = work()
        except BaseException:
            if self._child:
                traceback.print_exc()
                os._exit(1)
            raise
        if self._child:
            self._result(os.getpid()).write_bytes(pickle.dumps(found))
            os._exit(0)
        return found

    def results(self) -> Iterator[tuple[Any, Any]]:
        """Give the name and the finding of every piece of work that is done; wait for the rest."""
        while self._done or self._names:
            if not self._done:
                self._wait()
            yield self._done.pop(0)

    def _wait(self) -> None:
        pid, status = os.wait()
        name = self._names.pop(pid)
        if status:
            raise RuntimeError(f"{name}: its process failed")
        result = self._result(pid)
        found = pickle.loads(result.read_bytes())
        result.unlink()
        self._told(name, found)
        self._done.append((name, found))

    def _result(self, pid: int) -> Path:
        return self._directory / f"{pid}.found"
