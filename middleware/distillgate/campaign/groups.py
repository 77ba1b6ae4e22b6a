"""The stage: finds an exchange's groups, keeps their sums, examines those that are due.

Inline an exchange costs one look-up and one row update a group; examinations wait in a queue and
are taken one at a time, after answers were sent, so that no request waits for them and a replay
takes them in the same order.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Container, Iterator
from itertools import islice

from cachetools import LRUCache
from pydantic import PositiveInt

from distillgate.account.account import Account
from distillgate.account.windows import DAY
from distillgate.campaign.candidates import Candidates
from distillgate.campaign.examine import ExamineSettings, Surroundings, examine
from distillgate.campaign.group import Group
from distillgate.campaign.keys import Key, Kind, keys
from distillgate.campaign.links import Links, LinkSettings, learn_meetings
from distillgate.campaign.members import Members, entry
from distillgate.campaign.template import TemplateIndex, TemplateSettings
from distillgate.fingerprint.fingerprint import Fingerprint, Fingerprinter
from distillgate.fingerprint.segments import Cut
from distillgate.fingerprint.sketch import sketch
from distillgate.settings import Settings
from distillgate.wire.exchange import Exchange, Outcome

_GROUPS_OF_UNIT = 6
"""Groups remembered of one unit, the latest joined."""
_SAMPLED_UNITS = 64
_SIBLING = 0.7
"""Share of their units that two groups have in common when the same hands feed both."""
_REFUSED = frozenset({429, 500, 502, 503, 504, 529})
"""Answers after which a program turns to its next account."""
_OWN_TEXTS_FROM = 2
"""Requests after which an account's own fixed text is known and the rest can be compared."""


class CampaignSettings(Settings):
    """How accounts that act together are found."""

    templates: TemplateSettings = TemplateSettings()
    """How shared text is found."""
    links: LinkSettings = LinkSettings()
    """Links only a gateway can see."""
    examine: ExamineSettings = ExamineSettings()
    """How groups are examined."""
    min_units: int = 4
    """Units that must share a key before it is watched as a group."""
    distinctive: int = 5
    """Segments from which a template is hardly sent by chance; one stock phrase is not enough."""
    max_candidates: PositiveInt = 100_000
    """Keys remembered that fewer units share."""
    max_groups: PositiveInt = 20_000
    """Groups watched; beyond it the least linked of the longest quiet goes."""
    max_members: PositiveInt = 400_000
    """Rows of sketches in all (420 bytes each)."""
    sample: int = 192
    """Varying texts sampled a group, to count distinct ones and repeats (relative error 0.07)."""
    quiet_days: float = 45.0
    """A group without traffic for this long is forgotten."""


class Groups:
    """All groups, bounded."""

    def __init__(self, settings: CampaignSettings, fingerprinter: Fingerprinter) -> None:
        self._settings = settings
        self._hash = fingerprinter.hash
        self._marks = fingerprinter.marks
        self._index = TemplateIndex(settings.templates)
        self._links = Links(settings.links)
        self._candidates = Candidates(settings.max_candidates, settings.min_units)
        self._groups: OrderedDict[int, Group] = OrderedDict()
        self._queue: deque[Group] = deque()
        # Bounded apart from the groups: a group forgets units without telling (`Group.prune`).
        self._of_unit: LRUCache[int, tuple[int, ...]] = LRUCache(settings.max_members)
        self._own: LRUCache[int, int] = LRUCache(settings.max_members)
        self.members = Members(settings.max_members)

    def __len__(self) -> int:
        return len(self._groups)

    def __iter__(self) -> Iterator[Group]:
        return iter(self._groups.values())

    def get(self, key: int) -> Group | None:
        """Look a group up by its key."""
        return self._groups.get(key)

    def named(self, name: str) -> Group | None:
        """Look a group up by its id or by the name a person gave it."""
        return next((g for g in self if name in (g.name, g.code)), None)

    def find(self, fingerprint: Fingerprint, unit: int) -> Iterator[Group]:
        """Give an exchange's groups and those its unit was seen in before; learns nothing."""
        found = list(self._of_unit.get(unit, ()))
        for cut in (fingerprint.system, fingerprint.turn):
            template = self._index.find(cut)
            if template is not None and template.key not in found:
                found.append(template.key)
        return (self._groups[key] for key in found if key in self._groups)

    def of_unit(self, unit: int) -> list[Group]:
        """Give the groups a unit was seen in."""
        return [self._groups[key] for key in self._of_unit.get(unit, ()) if key in self._groups]

    def observe(
        self,
        exchange: Exchange,
        account: Account,
        fingerprint: Fingerprint,
        tokens: int,
        outcome: Outcome,
        now: float,
    ) -> None:
        """Add one exchange to the groups it belongs to."""
        unit = account.unit
        seen, answer = fingerprint.conversation, self._marks(outcome.text) if outcome.text else ()
        refused = outcome.status in _REFUSED
        learn_meetings(self._links, unit, seen, answer, refused=refused, now=now)
        self._merge_linked()
        system = self._textual(fingerprint.system, unit, Kind.SYSTEM, now)
        turn = self._textual(fingerprint.turn, unit, Kind.TURN, now)
        text = self._varying(fingerprint.turn, turn, system, account)
        payload = self._hash(text) if text else None
        if payload is not None:
            account.payloads.add(payload)
        joined = [group for group in (system, turn) if group is not None]
        rows = [self._row(group, unit) for group in joined]
        if account.exchanges >= _OWN_TEXTS_FROM:
            rows.append(self._own_row(unit))
            joined += self._keyed(exchange, fingerprint, unit, rows[-1], now)
        for group in joined:
            group.count(fingerprint, tokens, outcome)
            if payload is not None:
                group.repeats.add(payload, unit)
            if group.exchanges >= group.due and not group.queued:
                group.queued = True
                self._queue.append(group)
        if text and (found := sketch(text)) is not None:
            added = entry(found, now)
            for row in rows:
                self.members.add(row, added, now)

    def examine_next(self, now: float) -> Group | None:
        """Examine the group that is due the longest; None where none is. Off the request's path."""
        self._forget_quiet(now)
        if not self._queue:
            return None
        group = self._queue.popleft()
        group.queued = False
        settings = self._settings.examine
        surroundings = Surroundings(
            self._siblings(group), self._links.of(group.key), len(self._own)
        )
        group.evidence = examine(group, surroundings, self.members, settings, now)
        group.due = max(group.exchanges + 1, int(group.exchanges * settings.growth))
        return group

    def _merge_linked(self) -> None:
        """Let the groups of components that have become one become one too."""
        while self._links.merged:
            kept, gone = self._links.merged.popleft()
            group, other = self._groups.get(kept), self._groups.get(gone)
            if group is None or other is None:
                continue
            group.absorb(other)
            for unit in other.rows:
                others = (k for k in self._of_unit.get(unit, ()) if k not in (kept, gone))
                self._of_unit[unit] = (*others, kept)[-_GROUPS_OF_UNIT:]
            other.rows.clear()
            self._forget(other)

    def _textual(self, cut: Cut, unit: int, kind: Kind, now: float) -> Group | None:
        template = self._index.learn(cut, unit)
        return self._group(Key(kind, template.key), unit, now) if template is not None else None

    def _keys(self, exchange: Exchange, fingerprint: Fingerprint, unit: int) -> Iterator[Key]:
        yield from keys(exchange, fingerprint, self._hash)
        root = self._links.root(unit)
        if root is not None:
            yield Key(Kind.LINKS, root)

    def _group(self, key: Key, unit: int, now: float) -> Group | None:
        group = self._groups.get(key.value)
        if group is None:
            if not self._candidates.enough(key.value, unit):
                return None
            group = self._create(key, now)
        self._groups.move_to_end(key.value)
        group.last_seen = max(group.last_seen, now)
        return group

    def _create(self, key: Key, now: float) -> Group:
        while len(self._groups) >= self._settings.max_groups:
            self._forget(min(islice(self._groups.values(), 16), key=lambda g: g.link))
        settings = self._settings
        group = Group(key, now, sample=settings.sample, due=settings.examine.first_exchanges)
        if key.kind.textual:
            self._index.pin(key.value, pinned=True)
            group.distinctive = len(self._index.segments(key.value)) >= settings.distinctive
        self._groups[key.value] = group
        return group

    def _row(self, group: Group, unit: int) -> int:
        row = group.row(unit, self.members)
        if row is None:
            row = self.members.allot(group.mark(unit))
            self._join(group, unit, row)
        return row

    def _own_row(self, unit: int) -> int:
        """Give the row of all an account's varying text, once its own fixed text is known."""
        row = self._own.get(unit)
        if row is None or not self.members.holds(row, unit):
            row = self._own[unit] = self.members.allot(unit)
        return row

    def _keyed(
        self, exchange: Exchange, fingerprint: Fingerprint, unit: int, row: int, now: float
    ) -> Iterator[Group]:
        """Give the groups of what is shared beside text; all count the unit's own row."""
        for key in self._keys(exchange, fingerprint, unit):
            group = self._group(key, unit, now)
            if group is not None:
                self._join(group, unit, row)
                yield group

    def _join(self, group: Group, unit: int, row: int) -> None:
        if unit not in group.rows:
            others = (key for key in self._of_unit.get(unit, ()) if key != group.key)
            self._of_unit[unit] = (*others, group.key)[-_GROUPS_OF_UNIT:]
        group.rows[unit] = row

    def _varying(
        self, turn: Cut, template: Group | None, system: Group | None, account: Account
    ) -> bytes:
        """Give the varying part of a turn, and learn what the account always sends."""
        fixed = self._skeleton(turn, template, system)
        account.skeleton.learn(turn.hashes)
        return turn.without(lambda value: value in fixed or value in account.skeleton)

    def _skeleton(self, turn: Cut, group: Group | None, system: Group | None) -> Container[int]:
        """Give the turn's fixed part: the segments of its template, and of others as common.

        A turn's template that only few of the system prompt's units send is an item that was dealt
        twice, not a template: it stays in the varying part.
        """
        if group is None or (system is not None and len(group.rows) < len(system.rows) / 5):
            return ()
        common = {key for key in self._index.owners(turn) if self._as_common(key, group)}
        return {value for value in turn.hashes if self._index.owner(value) in common}

    def _as_common(self, key: int, group: Group) -> bool:
        other = self._groups.get(key)
        return other is not None and len(other.rows) >= len(group.rows) / 2

    def _siblings(self, group: Group) -> list[Group]:
        """Give the other templates that about the same units send."""
        if not group.kind.textual:
            return []
        units = list(islice(group.rows, _SAMPLED_UNITS))
        met = Counter(key for unit in units for key in self._of_unit.get(unit, ()))
        return [
            sibling
            for key, count in met.items()
            if key != group.key
            and count >= _SIBLING * len(units)
            and (sibling := self._groups.get(key)) is not None
            and sibling.kind.textual
            and len(sibling.rows) <= len(group.rows) / _SIBLING
        ]

    def _forget_quiet(self, now: float) -> None:
        oldest = next(iter(self._groups.values()), None)
        if oldest is not None and now - oldest.last_seen > self._settings.quiet_days * DAY:
            self._forget(oldest)

    def _forget(self, group: Group) -> None:
        del self._groups[group.key]
        if group.kind.textual:
            self._index.pin(group.key, pinned=False)
        for unit, row in group.rows.items():
            if group.kind.textual and self.members.holds(row, group.mark(unit)):
                self.members.release(row)
            left = tuple(key for key in self._of_unit.get(unit, ()) if key != group.key)
            if left:
                self._of_unit[unit] = left
            else:
                self._of_unit.pop(unit, None)
                own = self._own.pop(unit, None)
                if own is not None and self.members.holds(own, unit):
                    self.members.release(own)
        group.rows.clear()
