"""What is remembered: a fold over entries, applied at once or in the order of a log."""

from collections.abc import Callable

from distillgate.account.releases import Releases
from distillgate.account.table import AccountTable
from distillgate.actions.binding import Bindings
from distillgate.campaign.groups import Groups
from distillgate.derive import derive
from distillgate.engine.entries import Entry, Order
from distillgate.engine.learner import Learner, Notice, switch
from distillgate.engine.settings import EngineSettings
from distillgate.engine.state import State
from distillgate.fingerprint.fingerprint import Fingerprinter
from distillgate.policy.charge import Charge
from distillgate.policy.ledger import Ledger


class Fold:
    """Applies entries to a state. What it hands out itself, it may get back later (`publish`)."""

    def __init__(self, settings: EngineSettings, secret: bytes) -> None:
        self.settings = settings
        self.secret = secret
        seed = int.from_bytes(derive(secret, b"seed", 8))
        self.fingerprinter = Fingerprinter(seed)
        self.ledger = Ledger()
        self.publish: Callable[[Entry], None] | None = None
        """Takes entries to be put in order; they are learned when they come back to `apply`. None:
        there is no other engine, and they are applied at once."""
        self.notify: Callable[[Notice], object] = lambda _: None
        """Hears of what an operator should hear of, in the engine it went through alone."""
        self.state = self.blank()
        self.learner = Learner(settings, self.state)
        """What changes what is remembered."""
        self.obeyed: Callable[[Order], object] = lambda _: None
        """Hears of each order of a person that was applied."""

    def blank(self) -> State:
        """Return a state that remembers nothing."""
        settings, hashed = self.settings, self.fingerprinter.hash
        most = settings.account.max_accounts
        return State(
            AccountTable(most, hashed),
            Groups(settings.campaign, hashed, most),
            Bindings(self.secret),
            Releases(),
        )

    def adopt(self, state: State) -> None:
        """Go on with another state, such as a snapshot's; settings stay."""
        killed = None if self.state.killed else state.kill
        self.state = state
        self.learner = Learner(self.settings, state)
        if killed is not None:
            self.obeyed(Order(killed.at, "kill", by=killed.by, reason=killed.reason))

    def hold(self, entry: Entry, *, held: bool) -> None:
        """Take an entry of this process for one that is to come back, or no more."""
        if isinstance(entry, Charge):
            self.ledger.hand(entry, 1 if held else -1)
        elif held and isinstance(entry, Order):
            self._at_once(entry)

    def apply(self, entry: Entry, now: float, *, own: bool) -> None:
        """Learn one entry, and with an observation take one step of the examinations.

        Deterministic: engines with the same settings that apply the same entries in one order, at
        the same times, remember the same. `own`: this engine handed it to `publish`.
        """
        if own:
            self.hold(entry, held=False)
        self._apply(entry, now, own=own)

    def order(self, order: Order) -> None:
        """Do what a person ordered, here and in every engine that entries are shared with.

        An end of all enforcement holds here at once: it waits for no log.
        """
        self._at_once(order)
        self.hand(order)

    def _at_once(self, order: Order) -> None:
        if order.deed in ("kill", "resume"):
            switch(self.state, order)

    def hand(self, entry: Entry) -> None:
        """Learn what happened here: at once, or when it comes back in its order."""
        if self.publish is None:
            self._apply(entry, entry.at, own=True)
        else:
            self.hold(entry, held=True)
            self.publish(entry)

    def _apply(self, entry: Entry, now: float, *, own: bool) -> None:
        for notice in self.learner.apply(entry, now):
            if own:
                self.notify(notice)
        if isinstance(entry, Order):
            self.obeyed(entry)
