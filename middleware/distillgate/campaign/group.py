"""One group: the principals that share a key, and what they show together."""

import math
from collections.abc import Iterable

import msgspec
import numpy as np
from numpy.typing import NDArray

from distillgate.account.account import Account
from distillgate.campaign.evidence import Evidence, may_be_peoples
from distillgate.campaign.jobs import Job
from distillgate.campaign.keys import Key, Kind, code_of
from distillgate.campaign.life import Crowd, Life
from distillgate.campaign.memory import Imprint
from distillgate.campaign.openness import Shared
from distillgate.campaign.repeats import Repeats
from distillgate.campaign.sketch_table import SketchTable
from distillgate.campaign.value import Value
from distillgate.fingerprint.observation import Observation
from distillgate.records import Record

_PRUNED = 4096
"""Principals looked at in one piece; it takes an eighth of the time that examining them does..."""
_LISTED = 32
"""...and listing them another part of it."""
REPORTED_SHARE = 0.5
"""Share of a group's exchanges, since a report's first, from which it is made from that..."""
_REPORTS, _REPORTED_DUE = 8, 48
"""...reports that are counted (no group is made from more: an exchange counts for four at most),
and exchanges after which that share is known: such a group is examined then..."""
_REPORTED_GROWTH, _REPORTED_MOST = 1.07, 512
"""...and the growth at which again, up to so many: what comes late is lost of the head start."""


class Group(Record):
    """Principals that share a key, with the sums their evidence is computed from."""

    kind: Kind
    key: int
    first_seen: float
    last_seen: float
    repeats: Repeats
    due: int
    """Examined again once it has this many exchanges."""
    room: int
    """Examined again, too, once it has this many principals: principals that lost their rows are
    found then, and not kept for good."""
    name: str | None = None
    """Given by a person, never by code."""
    distinctive: bool = False
    """What is shared is hardly shared by chance: who has it belongs until shown otherwise."""
    exchanges: int = 0
    elicited: int = 0
    follows: int = 0
    unread: dict[int, int] = {}
    """Of each principal, the exchanges that begin something and of which nothing but a payload is
    new.
    """
    prompt_tokens: float = 0.0
    output_tokens: float = 0.0
    rows: dict[int, int] = {}  # each instance has a dict of its own
    """Row in `SketchTable` of each principal."""
    known: int = 0
    """Principals when an exchange was last counted: more since, and the newest was not known."""
    life: Life = msgspec.field(default_factory=Life)
    queued: bool = False
    """It waits to be examined, or is being examined."""
    remembered: Imprint | None = None
    """What is known of a group that had this key and was restricted."""
    evidence: Evidence | None = None
    link: float = 0.0
    """Fused evidence that one hand feeds it, in nats; set when examined."""
    value: Value = msgspec.field(default_factory=Value.none)
    """What its principals took."""
    shared: Shared = msgspec.field(default_factory=Shared.none)
    """What they share beside the key."""
    told: float = 0.0
    """Share of its budget that the operator was told it had used."""
    elsewhere: int = 0
    """Exchanges of it that other cells told of."""
    reported: dict[str, tuple[int, int]] = {}
    """Of each report that an exchange was made from: the group's exchanges before the first such,
    and how many were since (`campaign.reports`)."""

    @classmethod
    def new(cls, key: Key, now: float, *, sample: int, due: int) -> "Group":
        """Return a group that nothing is known of yet."""
        return cls(key.kind, key.value, now, now, Repeats.new(sample), due, 2 * due)

    def count(self, seen: Observation) -> None:
        """Count one exchange; one that packs several inputs counts as so many."""
        sent, answer = seen.sent, seen.answer
        inputs = seen.inputs
        self.exchanges += inputs
        self.elicited += inputs * sent.elicits
        self.follows += inputs * sent.continues
        if seen.own.payload and not sent.continues:
            principal = seen.account.principal
            self.unread[principal] = self.unread.get(principal, 0) + inputs
        if seen.reported and self.kind.textual:
            self._tell(seen.reported, inputs)
        if answer.completion_tokens is not None:
            self.prompt_tokens += answer.prompt_tokens or sent.tokens
            self.output_tokens += answer.completion_tokens

    def _tell(self, reports: Iterable[str], inputs: int) -> None:
        for name in reports:
            first, matched = self.reported.get(name, (self.exchanges - inputs, 0))
            if name not in self.reported:
                if len(self.reported) < _REPORTS:
                    self.due = min(self.due, max(self.exchanges, first + _REPORTED_DUE))
                elif not self._replace_report():
                    continue
            self.reported[name] = first, matched + inputs

    def _replace_report(self) -> bool:
        """Let go of the report that the group is made from the least so far; return whether one
        can go. Were each counted for some exchanges first, a flood would keep others out as long.

        The group is no sooner due by what comes in its place: of many reports that hardly match
        there would be an examination with each exchange.
        """
        shares = {
            name: matched / max(1, self.exchanges - first)
            for name, (first, matched) in self.reported.items()
        }
        least = min(shares, key=lambda name: shares[name])
        if shares[least] >= REPORTED_SHARE:
            return False
        del self.reported[least]
        return True

    @property
    def report_shares(self) -> dict[str, float]:
        """Share of the exchanges since a report's first that are made from it, of reports that were
        counted for long enough: of the first few each has most.
        """
        return {
            name: matched / (self.exchanges - first)
            for name, (first, matched) in self.reported.items()
            if self.exchanges - first >= _REPORTED_DUE
        }

    def pay(self, account: Account, seen: Observation, now: float) -> None:
        """Count what one answer came to."""
        own = account.exchanges / max(1.0, account.payloads.estimate())
        resent = max(own, self.exchanges / max(1.0, self.repeats.distinct()))
        taken = self.value.count(seen, resent, now)
        self.shared.count(account, seen, taken, now, self.key)

    @property
    def is_due(self) -> bool:
        """Return whether it grew enough since it was last examined."""
        return self.exchanges + self.elsewhere >= self.due or len(self.rows) >= self.room

    @property
    def peopled(self) -> bool:
        """Return whether people may stand behind its accounts: they talk back as people do."""
        return may_be_peoples(self.follows / max(1, self.exchanges), self.exchanges)

    @property
    def expansion(self) -> float | None:
        """Output tokens over prompt tokens, where answers are known."""
        # Neither is known where there are no answers; a prompt of no tokens was not read.
        known = self.output_tokens and self.prompt_tokens
        return self.output_tokens / self.prompt_tokens if known else None

    def wait(self, first: int, growth: float) -> None:
        """Set when it is due again: once it has grown by a factor."""
        exchanges = self.exchanges + self.elsewhere
        if self.reported and exchanges < _REPORTED_MOST:
            growth = _REPORTED_GROWTH
        self.due = max(exchanges + 1, int(exchanges * growth))
        self.room = 2 * max(first, len(self.rows))

    def live(self, account: Account, seen: Observation, crowd: Crowd, now: float) -> None:
        """Count one exchange in the group's life, and what it took."""
        principals, self.known = self.known, len(self.rows)
        self.life.learn(account, seen.sent.model, crowd, now, new=self.known > principals)
        self.pay(account, seen, now)

    def absorb(self, other: "Group", now: float) -> None:
        """Take over what another group of the same kind counted; its principals are another
        matter.
        """
        self.exchanges += other.exchanges
        self.elicited += other.elicited
        self.follows += other.follows
        for principal, count in other.unread.items():
            self.unread[principal] = self.unread.get(principal, 0) + count
        self.prompt_tokens += other.prompt_tokens
        self.output_tokens += other.output_tokens
        self.first_seen = min(self.first_seen, other.first_seen)
        self.last_seen = max(self.last_seen, other.last_seen)
        self.name = self.name or other.name
        self.repeats.absorb(other.repeats)
        self.life.absorb(other.life)
        self.value.absorb(other.value, now)
        self.shared.absorb(other.shared)
        if self.evidence is None:
            self.evidence, self.link = other.evidence, other.link

    def mark(self, principal: int) -> int:
        """Mark a principal's row: text groups have rows of their own, the others share the
        principal's.
        """
        return principal ^ self.key if self.kind.textual else principal

    def row(self, principal: int, members: SketchTable) -> int | None:
        """Return a principal's row, None where it has none (any more)."""
        row = self.rows.get(principal)
        return row if members.holds(row, self.mark(principal)) else None

    def leave(self, principal: int) -> int:
        """Forget a principal; return the row that it had."""
        self.unread.pop(principal, None)
        return self.rows.pop(principal)

    def rows_of(self, own: NDArray[np.intp], members: SketchTable) -> NDArray[np.intp]:
        """Return the rows with texts here of principals, by the rows of all that they drew."""
        rows = (self.row(principal, members) for principal in members.marks[own].tolist())
        held = np.array([row for row in rows if row is not None], np.intp)
        return held[members.texts[held] > 0]

    def prune(self, members: SketchTable) -> Job[NDArray[np.intp]]:
        """Forget principals whose rows are another's by now; give the rows of the others."""
        principals, rows = list(self.rows), list(self.rows.values())
        yield len(principals) // _LISTED
        kept = [np.empty(0, np.intp)]
        for at in range(0, len(principals), _PRUNED):
            marks = np.array(principals[at : at + _PRUNED], np.uint64)
            held = np.array(rows[at : at + _PRUNED], np.intp)
            good = members.marks[held] == (
                marks ^ np.uint64(self.key) if self.kind.textual else marks
            )
            for gone in np.flatnonzero(~good).tolist():
                # It may have been given another since the first piece.
                if self.rows.get(principals[at + gone]) == rows[at + gone]:
                    del self.rows[principals[at + gone]]
                    self.unread.pop(principals[at + gone], None)
            kept.append(held[good])
            yield len(held) // 8
        return np.concatenate(kept)

    def imprint(self, segments: Iterable[int], now: float) -> Imprint | None:
        """Return what is to be remembered of the group; None where nothing is."""
        evidence = self.evidence
        if evidence is None or evidence.core is None:
            return None
        if self.kind in (Kind.LINKS, Kind.HAND) or evidence.rests_until < math.inf:
            return None  # nobody could come with what it shares, or it would outlive the report
        return Imprint(
            key=self.key,
            kind=self.kind,
            segments=tuple(segments),
            distinctive=self.distinctive,
            whole=evidence.whole,
            core=evidence.core,
            link=self.link,
            distinct=evidence.distinct,
            first_seen=self.first_seen,
            seen_at=now,
            name=self.name,
            taken=evidence.taken.tokens,
        )

    @property
    def code(self) -> str:
        """The group's own reference, whatever people call it."""
        return code_of(self.key)

    @property
    def id(self) -> str:
        """How logs and people refer to the group: by its name, where it has one."""
        return self.name or self.code
