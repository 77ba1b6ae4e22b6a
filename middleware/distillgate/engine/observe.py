"""What is to be learned of an exchange, read from its text for the last time; learns nothing."""

from collections.abc import Callable, Iterable, Sequence

from distillgate.account.account import Account
from distillgate.actions.binding import BindingSettings
from distillgate.campaign.group import Group
from distillgate.campaign.sketch_table import Brought
from distillgate.engine.passage import Passage
from distillgate.engine.state import State
from distillgate.fingerprint import look
from distillgate.fingerprint.fingerprint import Fingerprinter, Pieces
from distillgate.fingerprint.observation import Observation
from distillgate.policy.parties import party, paying
from distillgate.records import FrozenStruct
from distillgate.wire.exchange import Exchange, Outcome


class Linked(FrozenStruct, frozen=True):
    """What a decision is made from, beside what the account did alone."""

    groups: Sequence[Group] = ()
    """The groups of the exchange, and those its principal was seen in, that one operator feeds."""
    brought: Brought | None = None
    """The texts that the exchange packs, where it packs several."""
    pieces: Pieces | None = None
    """What the request was cut into, where that was needed."""
    reported: tuple[str, ...] = ()
    """The reports whose templates it is made from, where one of its groups was told of."""


Recognise = Callable[[Exchange], tuple[str, ...]]
"""Names the reports whose templates an exchange is made from."""


class Reading(FrozenStruct, frozen=True):
    """What reads an exchange, and what is known meanwhile."""

    state: State
    reader: Fingerprinter
    binding: BindingSettings
    recognise: Recognise

    def linked(self, exchange: Exchange, account: Account, now: float) -> Linked:
        """Read what a decision needs of a request; no more than whom it is from, where no group of
        a shared text is linked.
        """
        state, principal = self.state, account.principal
        if not state.actors:
            return Linked()
        single = exchange.request.prompts == 1
        if single and not any(actor.group.kind.textual for actor in state.actors.values()):
            return Linked(self._actors(state.groups.of_principal(principal)))
        pieces = self.cut(exchange, account)
        groups = self._actors(state.groups.find(pieces, principal))
        brought = self.brought(pieces, principal, now) if pieces.inputs and groups else None
        told = any(group.evidence and group.evidence.reported for group in groups)
        return Linked(groups, brought, pieces, self.recognise(exchange) if told else ())

    def _actors(self, groups: Iterable[Group]) -> list[Group]:
        return [group for group in groups if self.state.actor(group.key) is not None]

    def cut(self, exchange: Exchange, account: Account) -> Pieces:
        """Cut a request of an account into pieces."""
        known, settled = self.state.contents, account.exchanges > 0
        return self.reader.cut(exchange.request, account.principal, known, settled=settled)

    def observe(self, passage: Passage, outcome: Outcome, tokens: int, now: float) -> Observation:
        """Read all that is to be learned of an exchange of so many prompt tokens."""
        exchange, parties = passage.exchange, passage.parties
        state, reader, account = self.state, self.reader, parties.account
        pieces = passage.pieces or self.cut(exchange, account)
        turn = pieces.turn.hashes
        fixed = state.groups.fixed(pieces, account.principal, now)
        fixed |= account.skeleton.learn(turn).of(turn)
        found = reader.read(exchange.request, pieces)
        owns, others = look.inputs(found, fixed, reader.hash)
        return Observation(
            at=now,
            account=party(account, exchange.plan),
            payer=paying(parties),
            retry=reader.retries(account.principal, pieces, state.contents, now),
            risk=passage.risk,
            sent=look.sent(exchange, found, tokens, reader.hash, parties.organisation),
            own=owns[0] if owns else look.own(found, fixed, reader.hash),
            answer=look.answer(found, outcome, reader.answered(outcome)),
            handed=state.bindings.handed(exchange.request, outcome, self.binding),
            known=reader.known(account.principal, pieces, outcome, now),
            more=owns[1:],
            others=others,
            reported=passage.reported or self._reported(exchange),
        )

    def _reported(self, exchange: Exchange) -> tuple[str, ...]:
        return self.recognise(exchange) if self.state.groups.reports else ()

    def brought(self, pieces: Pieces, principal: int, now: float) -> Brought | None:
        """Read the texts that a request packs, to compare them before they are answered."""
        fixed = self.state.groups.fixed(pieces, principal, now)
        sketches = look.sketches(pieces, fixed)
        return Brought.of(sketches, now) if sketches else None
