"""Which pieces of a turn are its template's: what is left of it is compared."""

from collections.abc import Sequence
from dataclasses import dataclass

from distillgate.campaign.candidates import Candidates
from distillgate.campaign.group import Group
from distillgate.campaign.keys import Kind
from distillgate.campaign.memory import Memory
from distillgate.campaign.table import GroupTable
from distillgate.campaign.template import Template, TemplateIndex
from distillgate.fingerprint.fingerprint import Pieces


@dataclass(frozen=True, slots=True)
class Skeletons:
    """The fixed parts of turns, by all that groups of shared text are made from; learns nothing."""

    index: TemplateIndex
    table: GroupTable
    memory: Memory
    candidates: Candidates

    def fixed(self, pieces: Pieces, unit: int, now: float) -> set[int]:
        """Give the pieces of a unit's turn that belong to templates.

        As they will be known when the exchange is learned: it may be the one that makes a group.
        """
        turn = pieces.turn.hashes
        instructions = self.index.foresee(pieces.system.hashes, unit)
        system = self.table.get(instructions.key) if instructions is not None else None
        template = self.index.foresee(turn, unit)
        group = self.table.get(template.key) if template is not None else None
        if group is not None:
            return self.skeleton(turn, len(group.rows), system)
        made = self._made(turn, template, unit, now)
        if not made or (system is not None and system.rows):
            return set()
        return made.intersection(turn) | self.skeleton(turn, 0, system)

    def skeleton(self, turn: Sequence[int], units: int, system: Group | None) -> set[int]:
        """Give the segments of a turn's template, and of others that are as common.

        `units` send the template. One that only few of the system prompt's units send is an item
        that was dealt twice, not a template: it stays in the varying part.
        """
        if system is not None and units < len(system.rows) / 5:
            return set()
        sent = self.table.known(self.index.hits(turn))
        common = {group.key for group in sent if len(group.rows) >= units / 2}
        return self.index.of(turn, common)

    def _made(
        self, segments: Sequence[int], template: Template | None, unit: int, now: float
    ) -> set[int]:
        """Give the segments of the group that a turn will make; none where it makes none."""
        imprint = self.memory.match(segments, now)
        if imprint is not None and imprint.kind is Kind.TURN:
            return set(imprint.segments)
        if template is None:
            return set()
        known = self.memory.known(template.key, now) is not None
        makes = known or self.candidates.would(template.key, unit)
        return template.segments if makes else set()
