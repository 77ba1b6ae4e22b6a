"""Who gives what is remembered to a worker that starts: the hub's part in it.

A worker that starts, for the first time or again, takes all from one that holds it. Where nobody
does, the first worker begins by itself, with its file if there is one, and the others take from it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

Worker = TypeVar("Worker")


class _Taker(NamedTuple, Generic[Worker]):
    worker: Worker
    call: int
    first: bool


class _Gift(NamedTuple, Generic[Worker]):
    giver: Worker
    taker: _Taker[Worker]


class Handovers(Generic[Worker]):
    """Brings those who start and those who hold together.

    `give` asks a worker to write all it holds to a path, `answer` tells the one that starts, by the
    number of its call, where that is; None is for who begins by itself. `remove` deletes a file
    that nobody will read: who should have is gone.
    """

    def __init__(
        self,
        folder: Path,
        *,
        give: Callable[[Worker, str], None],
        answer: Callable[[Worker, int, str | None], None],
        remove: Callable[[str], None],
    ) -> None:
        self._folder = folder
        self._give = give
        self._answer = answer
        self._remove = remove
        self._holders: list[Worker] = []
        self._waiting: list[_Taker[Worker]] = []
        self._gifts: dict[str, _Gift[Worker]] = {}
        self._written: dict[str, Worker] = {}
        """Files, and who deletes them when it has read them."""
        self._number = 0

    def take(self, worker: Worker, call: int, *, first: bool) -> None:
        """Hear that a worker wants all there is; `first`: it may begin by itself."""
        self._waiting.append(_Taker(worker, call, first))
        self._settle()

    def hold(self, worker: Worker) -> None:
        """Hear that a worker holds all there is."""
        self._holders.append(worker)
        self._settle()

    def given(self, path: str, *, whole: bool) -> None:
        """Hear that all was written, or could not be: who waits for it then begins with nothing."""
        gift = self._gifts.pop(path, None)
        if gift is not None and whole:
            self._written[path] = gift.taker.worker
        else:
            self._remove(path)
        if gift is not None:
            self._answer(gift.taker.worker, gift.taker.call, path if whole else None)

    def leave(self, worker: Worker) -> None:
        """Hear that a worker is gone; who waited for it takes from another."""
        self._holders = [one for one in self._holders if one is not worker]
        self._waiting = [taker for taker in self._waiting if taker.worker is not worker]
        for path, gift in list(self._gifts.items()):
            if worker in (gift.giver, gift.taker.worker):
                del self._gifts[path]
                if gift.giver is worker:
                    self._remove(path)
                    self._waiting.append(gift.taker)
        for path, reader in list(self._written.items()):
            if reader is worker:
                del self._written[path]
                self._remove(path)
        self._settle()

    def _settle(self) -> None:
        if self._holders:
            waiting, self._waiting = self._waiting, []
            for taker in waiting:
                self._number += 1
                path = str(self._folder / f"handover-{self._number}.db")
                self._gifts[path] = _Gift(self._holders[0], taker)
                self._give(self._holders[0], path)
            return
        for taker in [taker for taker in self._waiting if taker.first]:
            self._waiting.remove(taker)
            self._answer(taker.worker, taker.call, None)
