"""A state that is kept outlives its process, and no damage to the file stops the gate."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random
from typing import Any

from distillgate.engine import Engine, EngineSettings
from distillgate.policy.decision import Decision
from distillgate.stores.keeper import Keeper
from distillgate.stores.sqlite import SqliteStore
from distillgate.wire.exchange import Client, Exchange, Outcome
from distillgate.wire.operation import Operation
from distillgate.wire.request import Request, from_document

START = 1.8e9
TEMPLATE = (
    "You grade answers for a course. Read the task below with care.\n"
    "Name the concept that it tests.\nThen give a model answer in full.\n"
    "Explain every step of the reasoning that leads there.\n"
    "End with a mark from one to ten and a sentence on why.\n"
)
ANSWER = Outcome(status=200, prompt_tokens=200, completion_tokens=600, finish_reason="stop")


def count(request: Request) -> int:
    return sum(len(message.text) for message in request.messages) // 4


def engine(settings: EngineSettings | None = None) -> Engine:
    return Engine(settings or EngineSettings(), count=count, secret=b"s" * 32, enforce=True)


class Traffic:
    """Forty accounts of one operator, and as many of people who share nothing, from one seed."""

    def __init__(self) -> None:
        self.random = Random(7)
        self.now = START
        self.words = ["".join(self.random.choices("abdefgiklmnorstu", k=6)) for _ in range(3000)]
        self.people = {f"p-{i}": self.random.sample(self.words, 30) for i in range(20)}

    def exchanges(self, number: int) -> list[tuple[Exchange, float]]:
        return [self._one() for _ in range(number)]

    def _one(self) -> tuple[Exchange, float]:
        pick = self.random
        self.now += pick.expovariate(1 / 20)
        if pick.random() < 0.7:
            name, words, head = f"c-{pick.randrange(40)}", self.words, TEMPLATE
        else:
            name = f"p-{pick.randrange(20)}"
            words, head = self.people[name], ""
        text = head + " ".join(pick.choices(words, k=30)) + "."
        document = {"model": "m", "messages": [{"role": "user", "content": text}]}
        request = from_document(Operation.CHAT, document)
        client = Client(ip=f"203.0.{len(name) % 2}.7", user_agent="x/1")
        return Exchange(name, request, client=client), self.now


def play(judge: Engine, sent: list[tuple[Exchange, float]]) -> list[Decision]:
    decisions = []
    for exchange, now in sent:
        decisions.append(judge.begin(exchange, now))
        judge.finish(decisions[-1], ANSWER, now + 1.0)
    return decisions


def told(decisions: list[Decision]) -> list[tuple[Any, ...]]:
    return [(d.account, d.action, round(d.risk, 6), d.group_code, d.change) for d in decisions]


class Told(list[tuple[str, dict[str, Any]]]):
    def event(self, name: str, **fields: Any) -> None:
        self.append((name, fields))

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self]


def kept(
    judge: Engine,
    path: Path,
    within: Callable[[Keeper], Awaitable[None]] | None = None,
    secret: bytes = b"key",
) -> Told:
    """Open a keeper, do something, close it; give what was told."""
    heard = Told()

    async def run() -> None:
        store = SqliteStore(path, secret)
        keeper = Keeper(store, judge.state.parts(), pause=0.25, observer=heard)
        await keeper.open()
        judge.resume()
        if within is not None:
            await within(keeper)
        await keeper.close()

    asyncio.run(run())
    return heard


def test_a_restart_changes_no_decision(tmp_path: Path) -> None:
    path, traffic = tmp_path / "state.db", Traffic()
    before, after = traffic.exchanges(1500), traffic.exchanges(500)
    steady, first, second = engine(), engine(), engine()

    async def served(keeper: Keeper) -> None:
        for at in range(0, len(before), 100):
            play(first, before[at : at + 100])
            await keeper.flush()

    kept(first, path, served)
    heard = kept(second, path)
    play(steady, before)
    expected = told(play(steady, after))

    assert heard.names == ["store_loaded"]
    assert any(action.restricts for _, action, *_ in expected)
    assert told(play(second, after)) == expected
    assert len(second.state.actors) > 0


def test_nothing_is_written_where_nothing_changed(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    judge = engine()
    sizes = []

    async def idle(keeper: Keeper) -> None:
        play(judge, Traffic().exchanges(30))
        for _ in range(3):
            await keeper.flush()
            sizes.append(path.with_name("state.db-wal").stat().st_size)

    kept(judge, path, idle)
    assert sizes[0] > 0
    assert sizes[1] == sizes[2] == sizes[0]


def test_it_writes_by_itself(tmp_path: Path) -> None:
    path, heard = tmp_path / "state.db", Told()
    judge = engine()

    async def run() -> None:
        store = SqliteStore(path, b"key")
        keeper = Keeper(store, judge.state.parts(), pause=0.005, observer=heard)
        await keeper.open()
        running = asyncio.ensure_future(keeper.run())
        play(judge, Traffic().exchanges(20))
        wal = path.with_name("state.db-wal")
        empty = wal.stat().st_size
        async with asyncio.timeout(30):
            while wal.stat().st_size == empty:  # noqa: ASYNC110 - a file has no event
                await asyncio.sleep(0.005)
        await keeper.close()
        await running

    asyncio.run(run())
    again = engine()
    kept(again, path)
    assert len(again.state.accounts) == len(judge.state.accounts)


def test_a_pardon_and_a_name_are_kept(tmp_path: Path) -> None:
    from distillgate.inquiry import Inquiry

    path = tmp_path / "state.db"
    first, second = engine(), engine()

    async def asked(keeper: Keeper) -> None:
        play(first, Traffic().exchanges(600))
        await keeper.flush()
        inquiry = Inquiry(first)
        assert inquiry.pardon("c-1", START + 1e9, START)
        assert inquiry.name_group(next(iter(first.state.groups)).code, "autumn", START)

    kept(first, path, asked)
    kept(second, path)
    again = second.state.accounts.get("c-1")
    assert again is not None
    assert again.pardoned_until == START + 1e9
    assert second.state.groups.named("autumn") is not None


def test_what_was_forgotten_is_forgotten_in_the_file_as_well(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    few = EngineSettings.model_validate({"account": {"max_accounts": 10}})
    judge = engine(few)

    async def served(keeper: Keeper) -> None:
        for exchange in Traffic().exchanges(300):
            play(judge, [exchange])
            await keeper.flush()

    kept(judge, path, served)
    connection = sqlite3.connect(path)
    (rows,) = connection.execute("SELECT count(*) FROM records WHERE part='accounts'").fetchone()
    connection.close()
    assert rows == len(judge.state.accounts) == 10


def test_a_damaged_file_is_set_aside_and_what_can_be_read_is_taken_up(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    first = engine()

    async def served(keeper: Keeper) -> None:
        play(first, Traffic().exchanges(300))

    kept(first, path, served)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE records SET data = x'00' WHERE part='accounts' AND key='c-1'")
    connection.commit()
    connection.close()
    second, third = engine(), engine()
    heard = kept(second, path)

    assert heard.names == ["store_set_aside", "store_loaded"]
    assert "damaged" in heard[0][1]["reason"]
    assert (tmp_path / heard[0][1]["kept_as"]).exists()
    assert second.state.accounts.get("c-1") is None
    assert len(second.state.accounts) == len(first.state.accounts) - 1
    assert kept(third, path).names == ["store_loaded"]
    assert len(third.state.accounts) == len(second.state.accounts)
    assert len(third.state.groups) == len(first.state.groups)


def test_a_file_that_is_none_never_stops_the_gate(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(b"no database" * 1000)
    assert kept(engine(), path).names == ["store_set_aside", "store_loaded"]
    assert kept(engine(), path).names == ["store_loaded"]


def test_a_file_of_another_key_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    kept(engine(), path)
    heard = kept(engine(), path, secret=b"other")

    assert heard.names == ["store_set_aside", "store_loaded"]
    assert "another key" in heard[0][1]["reason"]


def test_a_place_that_cannot_be_written_is_told_and_the_gate_goes_on(tmp_path: Path) -> None:
    judge = engine()

    async def served(keeper: Keeper) -> None:
        play(judge, Traffic().exchanges(5))
        await keeper.flush()

    heard = kept(judge, tmp_path / "nowhere" / "state.db", served)
    assert heard.names == ["store_off"]


def test_what_could_not_be_written_is_written_when_it_can_be(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    judge, again = engine(), engine()
    traffic = Traffic()

    async def served(keeper: Keeper) -> None:
        await keeper.flush()
        assert isinstance(keeper._store, SqliteStore)
        play(judge, traffic.exchanges(50))
        connection = keeper._store._open()
        await keeper._call(lambda: connection.execute("PRAGMA max_page_count=1"))
        await keeper.flush()
        play(judge, traffic.exchanges(50))
        await keeper.flush()
        await keeper._call(lambda: connection.execute("PRAGMA max_page_count=999999"))
        await keeper.flush()

    heard = kept(judge, path, served)
    assert heard.names == ["store_loaded", "store_failed"]
    kept(again, path)
    assert len(again.state.accounts) == len(judge.state.accounts) > 0


def test_another_layout_is_read_by_names_and_written_anew(
    tmp_path: Path,
) -> None:
    path = tmp_path / "state.db"
    small = EngineSettings.model_validate({"campaign": {"candidates": 64}})
    first, second, third = engine(small), engine(), engine()

    async def served(keeper: Keeper) -> None:
        play(first, Traffic().exchanges(200))

    kept(first, path, served)
    heard = kept(second, path)
    assert heard.names == ["store_loaded"]
    assert len(second.state.accounts) == len(first.state.accounts)
    kept(third, path)
    assert len(third.state.accounts) == len(first.state.accounts)


def test_a_second_start_in_one_process_goes_on_with_what_it_has(tmp_path: Path) -> None:
    path, judge, again = tmp_path / "state.db", engine(), engine()
    heard = Told()

    async def run() -> None:
        store = SqliteStore(path, b"key")
        keeper = Keeper(store, judge.state.parts(), pause=0.25, observer=heard)
        await keeper.open()
        await keeper.close()
        play(judge, Traffic().exchanges(50))
        await keeper.open()
        await keeper.close()
        await keeper.close()

    asyncio.run(run())
    kept(again, path)
    assert len(again.state.accounts) == len(judge.state.accounts) > 0


def test_a_record_that_cannot_be_written_is_told_once_and_stops_nothing(tmp_path: Path) -> None:
    judge, path = engine(), tmp_path / "state.db"
    play(judge, Traffic().exchanges(5))

    async def odd(keeper: Keeper) -> None:
        account = next(iter(judge.state.accounts))
        account.plan = object()  # type: ignore[assignment]  # no record is made of this
        judge.state.accounts.changed.add(account.name)
        await keeper.flush()
        await keeper.flush()
        account.plan = None

    assert kept(judge, path, odd).names.count("store_failed") == 1
    again = engine()
    kept(again, path)
    assert len(again.state.accounts) == len(judge.state.accounts)
