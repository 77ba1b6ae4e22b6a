"""Playing a script against a live gate: real HTTP, on compressed time."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2

from distillgate.errors import ConfigError, UpstreamError
from distillgate.text import redacted
from distillgate_lab.drill.answer import Answer, Fate, read
from distillgate_lab.drill.echo import Echo
from distillgate_lab.drill.ledger import Row
from distillgate_lab.drill.script import Call, Script

PARALLEL = 16
"""Requests in flight at most."""
SECONDS = 120.0
"""How long one request may take."""
ATTRIBUTES = ("account", "plan", "organisation", "end_user", "created", "payment", "ja4")
"""What a trusted proxy may say of an account, by the names of `asgi.identity`."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a script is played."""

    url: str
    speed: float
    """Seconds of the scenario that pass in one."""
    model: str
    max_tokens: int | None = None
    """Cap of each answer; None leaves it to the scenario."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Header in which each attribute is sent, as a proxy before the gate would."""


async def model_of(url: str, key: str) -> str:
    """Ask which model is served first. Raises `UpstreamError` where nobody says."""
    try:
        async with httpx2.AsyncClient(timeout=SECONDS, trust_env=False) as client:
            answer = await client.get(
                f"{url}/v1/models", headers={"authorization": f"Bearer {key}"}
            )
        return str(answer.raise_for_status().json()["data"][0]["id"])
    except (httpx2.HTTPError, ValueError, LookupError, TypeError) as error:
        text = f"{url}: cannot list its models ({error}); name one: --model"
        raise UpstreamError(redacted(text)) from None


def keys_of(calls: Iterable[Call], given: Sequence[str] | None) -> dict[str, str]:
    """Return a key for every account, made up or given. Raises `ConfigError` if too few."""
    names = list(dict.fromkeys(str(call.record["account"]) for call in calls))
    if given is None:
        return {name: f"drill-{name}" for name in names}
    if len(given) < len(names):
        raise ConfigError(
            f"{len(names)} accounts need a key each, and there are {len(given)}: give more, or "
            "choose fewer accounts or calls (--accounts, --limit)"
        )
    return dict(zip(names, given, strict=False))


class Player:
    """Plays one script."""

    def __init__(
        self,
        script: Script,
        manner: Manner,
        keys: Mapping[str, str],
        *,
        clock: Callable[[], float],
        told: Callable[[int], object] | None = None,
    ) -> None:
        """Take each account's key; `clock` gives the date, `told` hears how many calls are done."""
        self._script = script
        self._manner = manner
        self._keys = keys
        self._date = clock()
        self._told = told
        self._done = 0
        self._away: dict[str, float] = {}
        self.rows: dict[str, Row] = defaultdict(Row)

    async def play(self) -> dict[str, Row]:
        """Send every call when it is due; one of an account that was told to wait is held back."""
        self._echo = Echo()
        self._began = asyncio.get_running_loop().time()
        calls = iter(self._script.calls)
        async with (
            httpx2.AsyncClient(timeout=SECONDS, trust_env=False) as client,
            asyncio.TaskGroup() as group,
        ):
            for _ in range(PARALLEL):
                group.create_task(self._send_all(calls, client))
        return self.rows

    async def _send_all(self, calls: Iterator[Call], client: httpx2.AsyncClient) -> None:
        for call in calls:
            loop = asyncio.get_running_loop()
            await asyncio.sleep(self._began + call.at / self._manner.speed - loop.time())
            account = call.record["account"]
            expected = call.record["response"]["text"]
            # Found before its own answer is expected: so a call waits for earlier ones only.
            carried = self._echo.find(call.record["request"])
            real = self._echo.expect(expected)
            answer = Answer(Fate.HELD)
            if loop.time() >= self._away.get(account, 0.0):
                answer = await self._send(call.record, await carried.real(), client)
            if answer.wait:
                self._away[account] = loop.time() + answer.wait
            real.set_result(expected if answer.text is None else answer.text)
            self.rows[call.label].enter(account, answer)
            self._done += 1
            if self._told is not None:
                self._told(self._done)

    async def _send(
        self, record: Mapping[str, Any], request: dict[str, Any], client: httpx2.AsyncClient
    ) -> Answer:
        request = {**request, "model": self._manner.model}
        if self._manner.max_tokens is not None and "messages" in request:
            asked = request.get("max_tokens", self._manner.max_tokens)
            request["max_tokens"] = min(asked, self._manner.max_tokens)
        try:
            answer = await client.post(
                self._manner.url + record["path"],
                json=request,
                headers=self._headers(record),
            )
        except httpx2.HTTPError as error:
            return Answer(Fate.FAILED, type(error).__name__)
        return read(answer.status_code, answer.headers, answer.content)

    def _headers(self, record: Mapping[str, Any]) -> dict[str, str]:
        client, attributes = record["client"], record["attributes"]
        known = {
            "account": record["account"],
            "plan": record["plan"],
            "organisation": record["org"],
            "end_user": attributes["end_user"],
            # Nobody signs up in the future, whatever day of the scenario it is.
            "created": round(self._date + min(0.0, attributes["created"] - self._script.start)),
            "payment": attributes["payment"],
            "ja4": client["ja4"],
        }
        sent = {header: known[name] for name, header in self._manner.headers.items()}
        return {
            "authorization": f"Bearer {self._keys[record['account']]}",
            "user-agent": client["user_agent"],
            "x-forwarded-for": client["ip"],
            **{header: str(value) for header, value in sent.items() if value is not None},
        }
