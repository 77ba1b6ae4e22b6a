"""Config -> running parts: the one place where the gate is put together."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.types import ASGIApp

from distillgate.asgi.body import Ledger
from distillgate.asgi.context import Clock, Context
from distillgate.asgi.cors import Cors
from distillgate.asgi.host import load_identify
from distillgate.asgi.identity import Identifier, Identify
from distillgate.asgi.middleware import GateMiddleware
from distillgate.asgi.tasks import Tasks
from distillgate.config.schema import Config
from distillgate.engine import Engine
from distillgate.entry import Entry, decode, encode
from distillgate.errors import ConfigError, StoreError, needs
from distillgate.fleet.hub import KEEPER
from distillgate.fleet.settings import of_key
from distillgate.fleet.share import Share
from distillgate.fleet.transport import Transport
from distillgate.fleet.worker import Place, Worker
from distillgate.governance.governance import Governance
from distillgate.inquiry import Inquiry
from distillgate.stores.keeper import Keeper
from distillgate.stores.sqlite import SqliteStore
from distillgate.stores.store import Store
from distillgate.telemetry import Telemetry
from distillgate.tokenizer import Tokenizer
from distillgate.traffic.record import Recorder

if TYPE_CHECKING:
    from distillgate.admin.app import Console


@dataclass(slots=True)
class Parts:
    """A gate, put together: `middleware` puts it round an application, `admin` asks it things.

    Made outside an event loop, `start`ed in one. Configuration that is read only once (`key`,
    `record`, `store`, `tokenizer`, thread counts) keeps the values of the start.
    """

    config: Config
    engine: Engine
    tokenizer: Tokenizer
    telemetry: Telemetry
    context: Context
    governance: Governance
    keeper: Keeper | None = None
    recorder: Recorder | None = None
    worker: Worker | None = None
    share: Share[Entry] | None = None
    """Between the engine and the journal of several; None where it learns alone."""
    killed: bool = False
    """An operator ended all enforcement; reloads do not bring it back."""

    def middleware(self, app: ASGIApp) -> GateMiddleware:
        """Put the gate round an application."""
        return GateMiddleware(app, self.context)

    def console(self, reload: Callable[[], bool]) -> "Console":
        """Build the operator's pages: all workers do what is ordered; `reload` rereads the file."""
        from distillgate.admin.app import Console

        worker = self.worker

        def kill(*, killed: bool) -> None:
            self.kill(killed=killed)
            if worker is not None:
                worker.tell("killed", killed)

        def reload_all() -> bool:
            reloads = reload()
            if reloads and worker is not None:
                worker.tell("reload", value=True)
            return reloads

        if worker is not None:
            worker.obeys = {
                "killed": lambda killed: self.kill(killed=killed),
                "reload": lambda _: reload(),
            }
        return Console(
            inquiry=Inquiry(self.engine),
            telemetry=self.telemetry,
            governance=self.governance,
            settings=self.config.admin,
            standing=lambda: {"mode": self.mode, "killed": self.killed},
            kill=kill,
            clock=self.context.clock,
            reload=reload_all,
        )

    @property
    def mode(self) -> str:
        """The mode that holds now."""
        return "shadow" if self.killed else self.config.mode

    def kill(self, *, killed: bool) -> None:
        """End all enforcement at once, or take the order back.

        The next decision of this event loop is already in the new mode, and nothing is dropped.
        """
        self.killed = killed
        self.engine.configure(self.config, enforce=self.mode == "enforce")

    async def start(self) -> None:
        """Load what is slow to load, and open the traffic log; what fails is told, not raised."""
        self.telemetry.open()
        try:
            await self.context.tasks.thread(self.tokenizer.warm)
        except Exception as error:  # noqa: BLE001 - counts are then tried, and told, one by one
            self.telemetry.failed("warm", error)
        await self._load()
        if self.share is not None:
            await self.share.start()
            self.engine.publish = self.share.publish
            if self.worker is not None:
                self.worker.hold(self.engine.state.parts(), self.share.learning)
        if self.keeper is not None:
            self.context.tasks.spawn(self.keeper.run())
        try:
            self.governance.audit.open()
        except StoreError as error:
            self.telemetry.losses["audit"].failing = True
            self.telemetry.failed("audit", error)
        if self.config.record.path is not None and self.recorder is None:
            losses = self.telemetry.losses["record"]
            recorder = Recorder(self.config.record, warn=self._warn, losses=losses)
            try:
                recorder.start()
            except StoreError as error:
                losses.failing = True
                self.telemetry.failed("record", error)
            else:
                self.recorder = self.context.recorder = recorder

    async def _load(self) -> None:
        """Take up what was remembered before; nothing is served until then."""
        taken = False
        try:
            if self.worker is not None and self.share is not None:
                taken = await self.worker.join(self.engine.state.parts(), self.share.learning)
            if self.keeper is not None:
                await self.keeper.open(known=taken)
            if taken or self.keeper is not None:
                self.engine.resume()
        except Exception as error:  # noqa: BLE001 - the gate serves without what it remembered
            self.telemetry.failed("store", error)

    async def close(self) -> None:
        """End what runs beside requests, and write the traffic log to its end."""
        recorder, self.recorder, self.context.recorder = self.recorder, None, None
        if recorder is not None:
            await self.context.tasks.thread(recorder.close)
        if self.share is not None:
            if self.worker is not None and self.keeper is not None:
                await self.worker.outlast(self.share.learning, self._drain_seconds)
            self.engine.publish = None
            await self.share.close()
        if self.keeper is not None:
            await self.keeper.close()
        if self.worker is not None:
            await self.worker.close()
        await self.context.tasks.close()
        self.governance.audit.close()
        self.telemetry.close()

    @property
    def _drain_seconds(self) -> float:
        """How long the other workers may take to end."""
        return self.config.proxy.notice_seconds + self.config.proxy.drain_seconds

    def configure(self, config: Config) -> None:
        """Take a new configuration; what is remembered of accounts stays."""
        self.config = config
        self.engine.configure(config, enforce=self.mode == "enforce")
        self.context.configure(config.asgi, fail_closed=config.fail == "closed")
        self.telemetry.configure(config.telemetry)
        self.governance.configure(config.governance)
        self.governance.event("reloaded", by="file", mode=self.mode)

    def complain(self, error: ConfigError) -> None:
        """Tell what is wrong with a configuration that could not be taken."""
        self.telemetry.event("reload_failed", error=str(error))

    def _warn(self, text: str) -> None:
        self.telemetry.event("recording", text=text)


def build(
    config: Config,
    *,
    clock: Callable[[], float] = time.time,
    identify: Identify | None = None,
    engine: Callable[..., Engine] = Engine,
    telemetry: Telemetry | None = None,
    place: Place | None = None,
) -> Parts:
    """Put a gate together. Raises `ConfigError` for what this machine cannot do.

    `clock` gives seconds since the epoch, `identify` is the host's answer to who an account is,
    `engine` stands in for its class, `telemetry` may be others' too, `place` is among workers.
    """
    identify = identify or load_identify(config.asgi.identity.identify)
    telemetry = telemetry or Telemetry(config.telemetry)
    tokenizer = Tokenizer(config.tokenizer)
    secret = secret_of(config, telemetry) if place is None else place.secret
    judge = engine(config, count=tokenizer.count, secret=secret, enforce=config.mode == "enforce")
    telemetry.sizes = lambda: (len(judge.state.accounts), len(judge.state.groups))
    tasks = Tasks(threads=config.asgi.threads, backlog=config.asgi.backlog)
    now = Clock(clock)
    governance = Governance(config.governance, telemetry, clock=now, spawn=tasks.spawn)
    judge.notify = governance.surged
    context = Context(
        engine=judge,
        settings=config.asgi,
        identifier=Identifier(
            config.asgi.identity, config.asgi.address, secret=secret, identify=identify
        ),
        tokenizer=tokenizer,
        observer=telemetry,
        tasks=tasks,
        clock=now,
        governance=governance,
        cors=Cors(config.asgi.cors),
        ledger=Ledger(config.asgi.body.max_held_bytes),
        fail_closed=config.fail == "closed",
    )
    parts = Parts(config, judge, tokenizer, telemetry, context, governance)
    parts.worker = worker = None if place is None else Worker(place, telemetry)
    parts.share = share = _share(config, context, telemetry, worker)
    if place is None or place.number == KEEPER:
        parts.keeper = _keeper(config, judge, telemetry, share)
    return parts


def secret_of(config: Config, telemetry: Telemetry) -> bytes:
    """Give the configured key, or draw one and tell."""
    if config.key is not None:
        return config.key.get_secret_value().encode()
    telemetry.event("no_key", effect="accounts have new names after every restart")
    return secrets.token_bytes(32)


def _share(
    config: Config, context: Context, telemetry: Telemetry, worker: Worker | None
) -> Share[Entry] | None:
    """Make what shares entries, where there is a journal for them: a server's, or the workers'."""
    transport: Transport | None = None if worker is None else worker.transport
    server = config.fleet.redis
    if server.url is not None and config.key is None:
        telemetry.event("fleet_off", reason="without `key` no two gates name anything alike")
    elif server.url is not None and config.key is not None:
        with needs("redis"):
            from distillgate.fleet.redis import RedisTransport

        transport = RedisTransport(of_key(server, config.key.get_secret_value().encode()))
    if transport is None:
        return None
    engine: Engine = context.engine
    return Share(
        config.fleet.share,
        transport,
        lambda entry, now, own: engine.apply(entry, now, own=own),
        encode=encode,
        decode=decode,
        clock=context.clock,
        observer=telemetry,
    )


def _keeper(
    config: Config, engine: Engine, telemetry: Telemetry, share: Share[Entry] | None
) -> Keeper | None:
    """Make what keeps the engine's state, where a file for it is named, or a server is shared."""
    file, server = config.store, config.fleet.redis
    if file.path is None and server.url is None:
        return None
    if config.key is None:
        telemetry.event("store_off", reason="without `key` nothing that is kept can be read again")
        return None
    secret = config.key.get_secret_value().encode()
    if file.path is not None:
        store: Store = SqliteStore(Path(file.path), secret)
        pause = file.pause
    else:
        with needs("redis"):
            from distillgate.fleet.records import RedisStore

        store, pause = RedisStore(of_key(server, secret)), server.records_seconds
    learning = None if share is None else share.learning
    parts = engine.state.parts()
    return Keeper(store, parts, pause=pause, observer=telemetry, journal=learning)
