"""Who calls: honest accounts at a rate, and metered ones whose budgets are counted."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass, field
from random import Random

import aiohttp

from benchmarks.soak.service import METERED, TOKENS

ACCOUNTS = 500
BUDGET = 500
"""Answers a day of each metered account; then its plan is used up."""
_METERED_SHARE = 0.2
_METERED_RATE = 20.0
"""Requests a second of one metered account: of what an account sends within the lag between two
workers, each lets in as much as the budget has left."""
_STREAMS = 0.3
_LEAVE = 0.2
"""Share of clients that leave before their answer, while they do."""
_SYLLABLES = "ba ce di fo gu la me ni po ru sa te vi xo zu".split()  # noqa: SIM905
_PATIENCE = 60.0


@dataclass
class Tally:
    """What clients got."""

    sent: int = 0
    left: int = 0
    """Requests whose clients went away: nobody was there to be answered."""
    statuses: Counter[int] = field(default_factory=Counter)
    cut: Counter[str] = field(default_factory=Counter)
    """Answers that ended before their end, by the fault that was on."""
    unanswered: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Requests that were accepted and never answered, by the fault that was on and the error: one
    that timed out may have been sent long before."""
    most: int = 0
    """Requests that were under way at once, at the most."""
    late: float = 0.0
    """The longest that a request was sent after its time, in seconds: clients that have no
    processor measure themselves."""
    refused: Counter[str] = field(default_factory=Counter)
    """Connections that nobody accepted, by the fault that was on."""
    metered: Counter[str] = field(default_factory=Counter)
    """Answers that each metered account got."""
    full: dict[str, str] = field(default_factory=dict)
    """Metered accounts that were told that their budget is used up, and the fault that was on."""
    apart: set[str] = field(default_factory=set)
    """Metered accounts that sent while, or right after, workers could not hear of each other."""

    @property
    def told_of(self) -> int:
        """Requests of which it is known what became of them."""
        counts = self.statuses, self.cut, self.unanswered, self.refused
        return self.left + sum(count.total() for count in counts)


class Clients:
    """Send at a rate until they are told to end."""

    def __init__(self, port: int, rate: float) -> None:
        self.tally = Tally()
        self.fault = "none"
        self.leaving = False
        self._url = f"http://127.0.0.1:{port}/v1/chat/completions"
        self._rate = rate
        self._dice = Random(2)
        self._numbers = itertools.count()
        at_once = max(1, round(rate * _METERED_SHARE / _METERED_RATE))
        self._metered = [f"{METERED.decode()}-{number}" for number in range(at_once)]
        self._next_metered = itertools.count(at_once)
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self, seconds: float) -> None:
        """Send for so long, and wait for what is under way."""
        loop = asyncio.get_running_loop()
        connector = aiohttp.TCPConnector(limit=0)
        timeout = aiohttp.ClientTimeout(total=_PATIENCE)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            began = due = loop.time()
            while loop.time() - began < seconds:
                task = loop.create_task(self._one(session))
                self._under_way.add(task)
                self.tally.most = max(self.tally.most, len(self._under_way))
                task.add_done_callback(self._under_way.discard)
                self.tally.late = max(self.tally.late, loop.time() - due)
                due += 1 / self._rate
                await asyncio.sleep(max(0.0, due - loop.time()))
            await asyncio.gather(*self._under_way)

    def _account(self) -> str:
        if self._dice.random() >= _METERED_SHARE:
            return f"a-{self._dice.randrange(ACCOUNTS)}"
        place = self._dice.randrange(len(self._metered))
        if self._metered[place] in self.tally.full:
            self._metered[place] = f"{METERED.decode()}-{next(self._next_metered)}"
        return self._metered[place]

    def _body(self, account: str) -> dict[str, object]:
        words = ("".join(self._dice.choices(_SYLLABLES, k=3)) for _ in range(20))
        text = f"{next(self._numbers)} {account} {' '.join(words)}"
        streams = self._dice.random() < _STREAMS
        more = {"stream": True, "stream_options": {"include_usage": True}} if streams else {}
        said = [{"role": "user", "content": text}]
        return {"model": "m", "max_tokens": TOKENS, "messages": said, **more}

    async def _one(self, session: aiohttp.ClientSession) -> None:
        tally, account = self.tally, self._account()
        plan = "metered" if account.startswith(METERED.decode()) else "open"
        headers = {"x-account": account, "x-plan": plan}
        tally.sent += 1
        if plan == "metered" and "log's server" in self.fault:
            tally.apart.add(account)
        leaves = self.leaving and plan == "open" and self._dice.random() < _LEAVE
        call = self._exchange(session, account, headers)
        if not leaves:
            await self._told(call)
            return
        task = asyncio.ensure_future(call)
        await asyncio.wait([task], timeout=self._dice.uniform(0, 0.02))
        if task.cancel():
            await asyncio.gather(task, return_exceptions=True)
            tally.left += 1
        else:
            await self._told(task)

    async def _told(self, call: Awaitable[None]) -> None:
        tally = self.tally
        try:
            await call
        except aiohttp.ClientConnectorError:
            tally.refused[self.fault] += 1
        except aiohttp.ClientPayloadError:
            tally.cut[self.fault] += 1
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            tally.unanswered[self.fault, type(error).__name__] += 1

    async def _exchange(
        self, session: aiohttp.ClientSession, account: str, headers: dict[str, str]
    ) -> None:
        tally = self.tally
        async with session.post(self._url, json=self._body(account), headers=headers) as answer:
            metered = account.startswith(METERED.decode())
            if metered and answer.status == 429:
                tally.full.setdefault(account, self.fault)
            await answer.read()
            tally.statuses[answer.status] += 1
            tally.metered[account] += metered and answer.status == 200
