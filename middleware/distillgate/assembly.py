"""Config -> running parts: the one place where the gate is put together."""

import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from msgspec import structs
from starlette.types import ASGIApp

from distillgate.asgi.body import Ledger
from distillgate.asgi.context import Clock, Context
from distillgate.asgi.cors import Cors
from distillgate.asgi.host import load_identify
from distillgate.asgi.identity import Identifier, Identify
from distillgate.asgi.middleware import GateMiddleware
from distillgate.asgi.tasks import Tasks
from distillgate.config.changes import InForce
from distillgate.config.schema import Config
from distillgate.engine.engine import Engine
from distillgate.engine.entries import Order
from distillgate.envoy.listener import Listener
from distillgate.errors import ConfigError, StoreError
from distillgate.governance.governance import Governance
from distillgate.homes import correspondent, replicator
from distillgate.intel.sharing import Sharing, join
from distillgate.oversight.pulse import Pulse
from distillgate.proxy.supervisor import Place
from distillgate.telemetry import Telemetry
from distillgate.telemetry.version import VERSION
from distillgate.telemetry.vitals import Vitals
from distillgate.tokenizer import Tokenizer

if TYPE_CHECKING:
    from distillgate.admin.app import Console
    from distillgate.cells.correspondent import Correspondent
    from distillgate.log.replicator import Replicator
    from distillgate.traffic.record import Recorder


@dataclass(slots=True)
class Parts:
    """A gate, put together: `middleware` puts it round an application, `admin` asks it things.

    Made outside an event loop, `start`ed in one. Configuration that is read only once (`key`,
    `record`, `log`, `tokenizer`, thread counts) keeps the values of the start.
    """

    config: Config
    engine: Engine
    tokenizer: Tokenizer
    telemetry: Telemetry
    context: Context
    governance: Governance
    sharing: Sharing
    recorder: "Recorder | None" = None
    replicator: "Replicator | None" = None
    """Between the engine and the log; None where nothing is kept or shared."""
    correspondent: "Correspondent | None" = None
    """Between the engine and other cells."""
    reload: Callable[[], bool] = lambda: False
    """Reads the configuration's file again, if there is one."""
    reload_now: Callable[[], Awaitable[ConfigError | None]] | None = None
    """Does so, and returns what is wrong with it."""
    asked: float = 0.0
    """When this process was last asked to have all do so; it need not be told."""
    pages: "Console | None" = None
    """The operator's pages, where there are any."""
    in_force: InForce = field(init=False)
    """The configuration that holds."""
    pulse: Pulse = field(init=False)
    envoy: Listener = field(init=False)
    reload_failed: bool = False
    """The file as it is now could not be taken."""

    def __post_init__(self) -> None:
        """Name the configuration of the start in every line of the audit log, and seal those."""
        self.in_force = InForce(self.config)
        self.governance.audit.config = self.in_force.name
        if self.config.key is not None:
            self.governance.audit.seal(self.config.key.get_secret_value().encode())
        self.telemetry.vitals = self.vitals
        self.envoy = Listener(self.config.envoy, self.config.admin, self.config.proxy.workers)
        self.pulse = Pulse(self.engine, self.context.clock)
        self.engine.obeyed = self._obey

    def middleware(self, app: ASGIApp) -> GateMiddleware:
        """Put the gate round an application."""
        return GateMiddleware(app, self.context)

    def console(self) -> "Console":
        """Build the operator's pages. What is ordered there, all that share the log do."""
        from distillgate.admin.app import Console

        if self.config.admin.key is not None:
            from distillgate.telemetry.history import History

            self.telemetry.history = History(self.context.clock)
        self.pages = Console(
            engine=self.engine,
            roll=self.pulse.roll,
            errands=self.pulse.errands,
            telemetry=self.telemetry,
            governance=self.governance,
            settings=self.config.admin,
            addresses=self.config.asgi.address,
            sharing=self.sharing,
            mode=lambda: self.config.mode,
            standing=self.standing,
            clock=self.context.clock,
            reload=self._reload_all,
            context=self.context,
        )
        return self.pages

    def vitals(self) -> Vitals:
        """Return how it stands with the gate, for metrics."""
        state = self.engine.state
        return Vitals(
            accounts=len(state.accounts), groups=len(state.groups), evicted=state.accounts.evicted,
            restricted=self.pulse.restricted, killed=state.killed, enforcing=self.engine.enforcing,
            config=int(self.in_force.name, 16), reloaded=self.in_force.at,
            reload_failed=self.reload_failed, logged=self.replicator is not None,
            loop_lag=self.pulse.lag,
        )  # fmt: skip

    def standing(self) -> dict[str, Any]:
        """Return the mode, and the configuration that holds."""
        return {
            "mode": self.mode,
            "killed": self.engine.state.killed,
            "kill": (kill := self.engine.state.kill) and structs.asdict(kill),
            "version": VERSION,
            "config": self.in_force.name,
            "reloaded_at": self.in_force.at or None,
            "waiting_for_restart": list(self.in_force.waiting),
            "doubts": self.in_force.doubts,
        }

    @property
    def mode(self) -> str:
        """The mode that holds now."""
        return "shadow" if self.engine.state.killed else self.config.mode

    async def _reload_all(self) -> ConfigError | None:
        """Have everybody read the configuration again; return what is wrong with it here."""
        if self.reload_now is None:
            return ConfigError("this gate was not configured from a file")
        wrong = await self.reload_now()
        if wrong is None and self.replicator is not None:
            self.asked = self.context.clock()
            self.engine.order(Order(self.asked, "reload"))
        return wrong

    def _obey(self, order: Order) -> None:
        """Do what an order asks of this process beside its state."""
        if order.deed == "reload" and order.at != self.asked:
            self.reload()
        elif order.deed == "erase":
            name = str(order.subject)
            self.governance.outcomes.drop(name)
            self.sharing.forget(name)
            if self.telemetry.history is not None:
                self.telemetry.history.drop(name)

    async def start(self) -> None:
        """Load what is slow to load, and open the traffic log; what fails is told, not raised."""
        self.telemetry.open()
        self.context.tracer = self.telemetry.otel.tracer
        try:
            await self.context.tasks.thread(self._warm)
        except Exception as error:  # noqa: BLE001 - counts are then tried, and told, one by one
            self.telemetry.failed("warm", error)
        if self.replicator is not None:
            await self.replicator.start()
            self.engine.publish = self.replicator.publish
        if self.correspondent is not None:
            self.correspondent.start()
        self.context.tasks.spawn(self.pulse.run())
        await self.envoy.start(self.context, lambda: self.pages or self.console(), self.telemetry)
        try:
            self.governance.audit.open()
        except StoreError as error:
            self.telemetry.losses["audit"].failing = True
            self.telemetry.failed("audit", error)
        if self.config.record.path is not None and self.recorder is None:
            from distillgate.traffic.record import Recorder

            losses = self.telemetry.losses["record"]
            recorder = Recorder(self.config.record, warn=self._warn, losses=losses)
            try:
                recorder.start()
            except StoreError as error:
                losses.failing = True
                self.telemetry.failed("record", error)
            else:
                self.recorder = self.context.recorder = recorder

    def _warn(self, text: str) -> None:
        """Tell what the writer of the traffic log warns of."""
        self.telemetry.event("recording", text=text)

    def _warm(self) -> None:
        """Load what is slow to load."""
        self.tokenizer.warm()
        import_module("numpy.ma")  # else `unique` and `median` do when first called: 6 ms

    async def close(self) -> None:
        """End what runs beside requests, and write the traffic log to its end."""
        self.envoy.stop()
        await self.context.tasks.end_kept()
        recorder, self.recorder, self.context.recorder = self.recorder, None, None
        if recorder is not None:
            await self.context.tasks.thread(recorder.close)
        if self.correspondent is not None:
            await self.correspondent.close()
        if self.replicator is not None:
            await self.replicator.close()
            self.engine.publish = None
        await self.context.tasks.close()
        self.governance.audit.close()
        self.telemetry.close()

    def configure(self, config: Config) -> None:
        """Adopt a new configuration; the state stays."""
        self.config, self.sharing.settings = config, config.intelligence
        self.engine.configure(config, enforce=config.mode == "enforce")
        self.context.configure(config.asgi, fail_closed=config.fail == "closed")
        self.telemetry.configure(config.telemetry)
        self.governance.configure(config.governance)
        if self.pages is not None:
            self.pages.access.configure(config.admin, config.asgi.address)
        self.reload_failed = False
        changes = self.in_force.take(config, self.context.clock())
        self.governance.audit.config = self.in_force.name
        self.governance.event(
            "reloaded", by="file", mode=self.mode, config=self.in_force.name,
            taken=changes.taken, waiting_for_restart=changes.waiting, doubts=self.in_force.doubts,
        )  # fmt: skip

    def complain(self, error: ConfigError) -> None:
        """Log the errors of a configuration that was not adopted."""
        self.reload_failed = True
        self.telemetry.event("reload_failed", error=str(error))


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
    tasks = Tasks()
    now = Clock(clock)
    governance = Governance(config.governance, telemetry, clock=now, spawn=tasks.spawn)
    judge.notify = governance.notified
    context = Context(
        engine=judge,
        settings=(asgi := config.asgi),
        identifier=Identifier(asgi.identity, asgi.address, secret=secret, identify=identify),
        tokenizer=tokenizer,
        observer=telemetry,
        tasks=tasks,
        clock=now,
        cors=Cors(config.asgi.cors),
        ledger=Ledger(config.asgi.body.max_held_bytes),
        fail_closed=config.fail == "closed",
    )
    sharing = join(config.intelligence, judge)
    context.samples = sharing.samples
    parts = Parts(config, judge, tokenizer, telemetry, context, governance, sharing)
    if place is None or place.number == 1:  # the others see the same
        parts.pulse.tell = governance.campaign
    parts.replicator = replicator(config, place, judge, now, telemetry)
    parts.correspondent = correspondent(config, judge, now, telemetry)
    return parts


def secret_of(config: Config, telemetry: Telemetry) -> bytes:
    """Return the configured key, or draw one and tell."""
    if config.key is not None:
        return config.key.get_secret_value().encode()
    telemetry.event("no_key", effect="accounts have new names after every restart")
    return secrets.token_bytes(32)
