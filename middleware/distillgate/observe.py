"""What is to be learned of an exchange, read from its text for the last time; learns nothing."""

from typing import NamedTuple

from distillgate.actions.binding import BindingSettings
from distillgate.campaign.members import Brought
from distillgate.fingerprint import look
from distillgate.fingerprint.fingerprint import Fingerprinter, Pieces
from distillgate.fingerprint.observation import Observation
from distillgate.passage import Passage
from distillgate.policy.admission import party, paying
from distillgate.state import State
from distillgate.wire.exchange import Outcome


class Reading(NamedTuple):
    """What reads an exchange, and what is known meanwhile."""

    state: State
    reader: Fingerprinter
    binding: BindingSettings

    def observe(self, passage: Passage, outcome: Outcome, tokens: int, now: float) -> Observation:
        """Read all that is to be learned of an exchange of so many prompt tokens."""
        exchange, parties, pieces = passage.exchange, passage.parties, passage.pieces
        state, reader = self.state, self.reader
        turn, account = pieces.turn.hashes, parties.account
        fixed = state.groups.fixed(pieces, account.unit, now)
        fixed |= account.skeleton.learn(turn).of(turn)
        found = reader.read(exchange.request, pieces)
        owns, others = look.inputs(found, fixed, reader.hash)
        return Observation(
            at=now,
            account=party(account, exchange.plan),
            payer=paying(parties),
            retry=reader.retries(account.unit, pieces, state.contents, now),
            risk=passage.risk,
            sent=look.sent(exchange, found, tokens, reader.hash),
            own=owns[0] if owns else look.own(found, fixed, reader.hash),
            answer=look.answer(found, outcome, reader.answered(outcome)),
            handed=state.bindings.handed(exchange.request, outcome, self.binding),
            known=reader.known(account.unit, pieces, outcome, now),
            more=owns[1:],
            others=others,
        )

    def brought(self, pieces: Pieces, unit: int, now: float) -> Brought | None:
        """Read the texts that a request packs, to compare them before they are answered."""
        fixed = self.state.groups.fixed(pieces, unit, now)
        sketches = look.sketches(pieces, fixed)
        return Brought.of(sketches, now) if sketches else None
