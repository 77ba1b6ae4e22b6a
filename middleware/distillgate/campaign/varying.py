"""Which pieces of a turn are its template's: what is left of it is compared."""

from collections.abc import Sequence
from dataclasses import dataclass

from distillgate.campaign.candidates import Candidates
from distillgate.campaign.group import Group
from distillgate.campaign.keys import Kind
from distillgate.campaign.memory import Memory
from distillgate.campaign.table import GroupTable
from distillgate.campaign.template import LookUp, Template, TemplateIndex
from distillgate.fingerprint.fingerprint import Pieces


@dataclass(frozen=True, slots=True)
class Skeletons:
    """The fixed parts of turns, by all that groups of shared text are made from; learns nothing."""

    index: TemplateIndex
    table: GroupTable
    memory: Memory
    candidates: Candidates

    def fixed(self, pieces: Pieces, principal: int, now: float) -> set[int]:
        """Return the pieces of a principal's turn that belong to templates.

        As they will be known when the exchange is learned: it may be the one that makes a group.
        """
        turn = self.index.look_up(pieces.turn.hashes)
        instructions = None
        if pieces.system.hashes:
            instructions = self.index.foresee(self.index.look_up(pieces.system.hashes), principal)
        system = self.table.get(instructions.key) if instructions is not None else None
        template = self.index.foresee(turn, principal)
        group = self.table.get(template.key) if template is not None else None
        if group is not None:
            return self.skeleton(turn, len(group.rows), system)
        made = self._made(pieces.turn.hashes, template, principal, now)
        if not made or (system is not None and system.rows):
            return set()
        return made.intersection(pieces.turn.hashes) | self.skeleton(turn, 0, system)

    def skeleton(self, turn: LookUp, principals: int, system: Group | None) -> set[int]:
        """Return the segments of a turn's template, and of others that are as common.

        `principals` send the template. One that only few of the system prompt's principals send is
        an item that was dealt twice, not a template: it stays in the varying part.
        """
        if system is not None and principals < len(system.rows) / 5:
            return set()
        sent = self.table.known(turn.hits)
        common = {group.key for group in sent if len(group.rows) >= principals / 2}
        return turn.of(common)

    def _made(
        self, segments: Sequence[int], template: Template | None, principal: int, now: float
    ) -> set[int]:
        """Return the segments of the group that a turn will make; none where it makes none."""
        imprint = self.memory.match(segments, now)
        if imprint is not None and imprint.kind is Kind.TURN:
            return set(imprint.segments)
        if template is None:
            return set()
        known = self.memory.known(template.key, now) is not None
        makes = known or self.candidates.would(template.key, principal)
        return template.segments if makes else set()
