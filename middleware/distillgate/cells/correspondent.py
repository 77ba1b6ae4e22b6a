"""One gate's part between cells: it tells of its cell's groups, and takes up what others tell.

Of each cell one gate at a time does so. What others told is an entry of the cell's own log, so that
all its gates learn the same in the same order, a restart and a replica too. No request waits for
any of it; where the server is away, each cell goes on with what it knows.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Iterable
from itertools import islice

from msgspec.structs import replace

from distillgate.campaign.group import Group
from distillgate.campaign.groups import Groups
from distillgate.campaign.jobs import run_slice
from distillgate.campaign.summary import MERGEABLE, Summary
from distillgate.cells.letter import Seal
from distillgate.cells.settings import CellSettings
from distillgate.cells.stream import START, Stream
from distillgate.engine.engine import Engine
from distillgate.errors import StoreError
from distillgate.log.log import Clock, Observer
from distillgate.log.tasks import end

_TURN_SECONDS = 1.0
"""How often a cell tells and listens: a command or two."""
_LONGEST_SECONDS = 30.0
"""The longest pause before a server that fails is tried again."""
FIRST, _GROWTH, _CLEARED_GROWTH = 12, 1.2, 2.0
"""Exchanges of a group in a cell when it is first told of, and the factors by which it must have
grown to be told of again: that by which it is examined, and that of groups that were cleared."""
_CLEARED = -2.0
"""Linkage (nats) below which a group is cleared: 4 short of one operator's."""
RATE, _BURST = 32_768.0, 1 << 20
"""Bytes a second that a cell tells, on average, and at once; the most linked groups go first."""
_READS = 256
"""Reads of a turn, some letters each: twice what is kept. Whoever writes faster is not listened to
for ever."""
_GROUPS = 50_000
"""Groups of which it is remembered when they are to be told of again."""


class Correspondent:
    """Between an engine and the other cells. Belongs to the event loop."""

    def __init__(
        self,
        settings: CellSettings,
        engine: Engine,
        *,
        secret: bytes,
        clock: Clock,
        observer: Observer,
        turn: float = _TURN_SECONDS,
    ) -> None:
        self._cell = settings.name
        self._engine = engine
        self._seal = Seal(secret)
        self._stream = Stream(settings, self._seal.check, secrets.token_hex(8))
        self._clock = clock
        self._observer = observer
        self._turn = turn
        self._groups: Groups | None = None
        """Those that are followed; None while another gate leads."""
        self._read = START
        self._number = 0
        self._due: dict[int, int] = {}
        """Exchanges from which a group is told of again, by its key."""
        self._told: dict[int, int] = {}
        """Principals of a group when it was told of."""
        self._taken: dict[tuple[str, int], int] = {}
        """Number of the latest that was taken up of each cell's groups, learned or not."""
        self._left, self._at = float(_BURST), clock()
        self._lost = False
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; what fails is tried again."""
        self._running = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """End, and let another gate of the cell go on."""
        running, self._running = self._running, None
        if running is not None:
            await end(running)
        with contextlib.suppress(StoreError, TimeoutError):
            async with asyncio.timeout(self._turn):
                await self._stream.resign()
        with contextlib.suppress(StoreError):
            await self._stream.close()

    async def _run(self) -> None:
        pause = self._turn
        while True:
            try:
                await self.turn()
                self._tell_back()
                pause = self._turn
            except StoreError as error:
                self._tell_lost(error)
                pause = min(2 * pause, _LONGEST_SECONDS)
                with contextlib.suppress(StoreError):
                    await self._stream.close()
            except Exception as error:  # noqa: BLE001 - the next turn may do better
                self._observer.failed("cells", error)
            await asyncio.sleep(pause)

    async def turn(self) -> None:
        """Take up what others told, and tell what is new here. Raises `StoreError`."""
        if not await self._stream.lead():
            self._follow(None)
            return
        self._follow(self._engine.state.groups)
        await self._listen()
        await self._speak(self._engine.state.groups)

    def _follow(self, groups: Groups | None) -> None:
        """Follow the groups there are now: a state may have been replaced."""
        if self._groups is groups:
            return
        if self._groups is not None:
            self._groups.touched = None
        if groups is not None:
            groups.touched = {group.key for group in groups}
        else:
            self._read = START  # what this cell told meanwhile is read there
        self._groups = groups
        self._taken.clear()

    async def _listen(self) -> None:
        for _ in range(_READS):
            for letter in (letters := await self._stream.read(self._read)):
                try:
                    summary = self._seal.open(letter.data)
                except StoreError:
                    self._observer.logged("unread", 1)
                else:
                    self._take(summary)
                self._read = letter.position
                await asyncio.sleep(0)
            if not letters:
                return

    def _take(self, summary: Summary) -> None:
        group, cell = summary.told.group, summary.cell
        if self._clock() - summary.at > self._engine.state.groups.elsewhere.seconds:
            return  # somebody who has no key left it there again
        if cell == self._cell:
            self._number = max(self._number, summary.number)
            self._note(group, summary.told.totals.principals)
            return
        known = self._engine.state.groups.elsewhere.newest(cell, group.key)
        if summary.number <= max(known, self._taken.get((cell, group.key), 0)):
            return
        self._taken[cell, group.key] = summary.number
        _shorten(self._taken)
        self._observer.logged("heard", 1)
        self._engine.hand(replace(summary, at=self._clock()))

    async def _speak(self, groups: Groups) -> None:
        now = self._clock()
        self._left = min(_BURST, self._left + max(0.0, now - self._at) * RATE)
        self._at = now
        touched, groups.touched = groups.touched or set(), set()
        waiting = set(touched)
        for group in self._ready(groups.get(key) for key in touched):
            if self._left <= 0:
                break
            await self._tell(groups, group)
            waiting.discard(group.key)
        groups.touched |= {key for key in waiting if self._grown(groups.get(key))}

    def _ready(self, groups: Iterable[Group | None]) -> list[Group]:
        """Return the groups to tell of, the most linked first."""
        ready = [group for group in groups if group is not None and self._grown(group)]
        return sorted(ready, key=lambda group: (-group.link, group.key))

    def _grown(self, group: Group | None) -> bool:
        """Return whether there is news of a group: it grew, or lost somebody who was let out."""
        if group is None or group.kind not in MERGEABLE:
            return False
        fewer = len(group.rows) < self._told.get(group.key, 0)
        return fewer or group.exchanges >= self._due.get(group.key, FIRST)

    async def _tell(self, groups: Groups, group: Group) -> None:
        steps = groups.tell(group)
        while (told := run_slice(steps)) is None:  # noqa: ASYNC110 - it works between
            await asyncio.sleep(0)
        now = self._clock()
        self._number = max(self._number + 1, int(now * 1000))
        letter = self._seal.close(Summary(now, self._cell, self._number, told))
        self._left -= len(letter)
        await self._stream.append(letter)
        self._note(group, told.totals.principals)
        self._observer.logged("told", 1)

    def _note(self, group: Group, principals: int) -> None:
        """Note that a group was told of, as it was."""
        here = self._engine.state.groups.get(group.key)
        cleared = here is not None and here.evidence is not None and here.link < _CLEARED
        factor = _CLEARED_GROWTH if cleared else _GROWTH
        self._due[group.key] = max(group.exchanges + 1, int(group.exchanges * factor))
        self._told[group.key] = principals
        _shorten(self._due)
        _shorten(self._told)

    def _tell_lost(self, error: StoreError) -> None:
        if not self._lost:
            self._observer.event("cells_lost", reason=str(error))
        self._lost = True

    def _tell_back(self) -> None:
        if self._lost:
            self._observer.event("cells_back")
        self._lost = False


def _shorten(known: dict[int, int] | dict[tuple[str, int], int]) -> None:
    """Forget the half that was noted first of what is too much."""
    if len(known) > _GROUPS:
        for key in list(islice(known, len(known) // 2)):
            del known[key]  # type: ignore[arg-type] # the keys are its own
