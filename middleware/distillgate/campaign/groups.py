"""The stage: finds an exchange's groups, keeps their sums, examines those that are due.

Inline an exchange costs one look-up and one row update a group; examinations wait in a queue and
are taken one at a time, in pieces of about a millisecond, after answers were sent, so that no
request waits for them and a replay takes them in the same order.
"""

from collections.abc import Iterator, Sequence

from distillgate.account.account import Account
from distillgate.account.windows import DAY
from distillgate.campaign.candidates import Candidates
from distillgate.campaign.comparable import Comparable
from distillgate.campaign.elsewhere import Elsewhere
from distillgate.campaign.examiner import Examiner
from distillgate.campaign.first import release
from distillgate.campaign.group import Group
from distillgate.campaign.jobs import Job
from distillgate.campaign.keys import Key, Kind, key_of, keys
from distillgate.campaign.life import Crowd
from distillgate.campaign.links import Links, learn_meetings
from distillgate.campaign.memory import Memory
from distillgate.campaign.openers import texts_of
from distillgate.campaign.pool import Pool
from distillgate.campaign.queue import Queue
from distillgate.campaign.reports import Reports
from distillgate.campaign.searches import Searches
from distillgate.campaign.settings import CampaignSettings
from distillgate.campaign.sketch_table import Brought, SketchTable, entry
from distillgate.campaign.summary import Summary, Told, tell
from distillgate.campaign.table import GroupTable
from distillgate.campaign.template import TemplateIndex
from distillgate.campaign.varying import Skeletons
from distillgate.fingerprint.fingerprint import Pieces
from distillgate.fingerprint.observation import Observation
from distillgate.fingerprint.origin import HashText
from distillgate.records import Part

_RETURNED = 3.0
"""Likeness to what is remembered from which who shares a template belongs until shown otherwise."""
_OWN_TEXTS_FROM = 2
"""Requests after which an account's own fixed text is known and the rest can be compared."""


class Groups:
    """All groups, bounded."""

    def __init__(self, settings: CampaignSettings, hash_text: HashText, max_accounts: int) -> None:
        self._settings = settings
        self._index = TemplateIndex(settings.templates_of(max_accounts))
        self._links = Links(settings.links)
        self._candidates = Candidates(settings.candidates, settings.min_units)
        self.elsewhere = Elsewhere(self._index, settings.quiet_days)
        self.touched: set[int] | None = None
        """Keys of the groups that changed, where somebody follows them: no part of the state."""
        self.memory = Memory(settings.memory)
        self.reports = Reports()
        self.crowd = Crowd()
        self.members = SketchTable(max_accounts * settings.rows_an_account)
        most = -(-max_accounts // settings.accounts_a_group)
        self._table = GroupTable(most, self.members, self._index)
        self._skeletons = Skeletons(self._index, self._table, self.memory, self._candidates)
        self._principals = self._table.principals
        self._pool = Pool(self.members, self._table, hash_text, settings.examine.search)
        self._searches = Searches(self._pool)
        examiner = Examiner(
            settings.examine, self._table, self.members, self._links, self.elsewhere, self.reports
        )
        self._queue = Queue(examiner.examine, settings.examine)

    def __len__(self) -> int:
        return len(self._table)

    def __iter__(self) -> Iterator[Group]:
        return iter(self._table)

    @property
    def waiting(self) -> bool:
        """Return whether there is work off the path: groups to examine, or principals to let go."""
        return bool(self._queue) or self._searches.are_due or self._table.leaving

    def get(self, key: int) -> Group | None:
        """Look a group up by its key."""
        return self._table.get(key)

    def named(self, name: str) -> Group | None:
        """Look a group up by its own reference or by the name a person gave it."""
        if (key := key_of(name)) is not None:
            return self.get(key)
        return next((group for group in self if group.name == name), None)

    def remember(self, group: Group, now: float) -> None:
        """Take a restricted group's imprint, which outlives it; or renew it."""
        if (imprint := group.imprint(self._index.segments(group.key), now)) is not None:
            self.memory.keep(imprint)

    def find(self, pieces: Pieces, principal: int) -> Iterator[Group]:
        """Return an exchange's groups, and those its principal was in; learns nothing."""
        found = list(self._principals.groups(principal))
        for cut in (pieces.system, pieces.turn):
            template = self._index.find(cut.hashes)
            if template is not None and template.key not in found:
                found.append(template.key)
        return self._table.known(found)

    def of_principal(self, principal: int) -> list[Group]:
        """Return the groups a principal was seen in."""
        return list(self._table.known(self._principals.groups(principal)))

    def comparable(self, principal: int, brought: Brought | None = None) -> Comparable:
        """Return what a principal's texts are compared by, `brought` those of a request at hand."""
        own = self._principals.known_row(principal, self.members)
        return Comparable(principal, self.members, own, brought)

    def let_out(self, principal: int) -> None:
        """Take a principal and its texts out of all its groups, as if it were new."""
        self._links.let_out(principal)
        for group in self._table.holding(principal):  # more than the index remembers of it
            row = group.leave(principal)
            if group.kind.textual and self.members.holds(row, group.mark(principal)):
                self.members.release(row)
            self._principals.leave(principal, group.key, self.members)
            if self.touched is not None:
                self.touched.add(group.key)

    def fixed(self, pieces: Pieces, principal: int, now: float) -> set[int]:
        """Return the pieces of a principal's turn that belong to templates; learns nothing."""
        return self._skeletons.fixed(pieces, principal, now)

    def observe(self, account: Account, seen: Observation, now: float) -> None:
        """Add one exchange to the groups it belongs to."""
        principal, sent, own = account.principal, seen.sent, seen.own
        self.reports.drop_ended(now)
        refused = seen.answer.turned_away
        learn_meetings(
            self._links, principal, sent.conversation, seen.answer.told, refused=refused, now=now
        )
        self._merge_linked(now)
        system = self._textual(sent.system, principal, Kind.SYSTEM, now)
        turn = self._textual(sent.turn, principal, Kind.TURN, now)
        joined = [group for group in (system, turn if turn is not system else None) if group]
        rows = [self._table.row(group, principal) for group in joined]
        draws, compared = self._pool.draws(seen, principal), account.exchanges >= _OWN_TEXTS_FROM
        texts = texts_of(seen, now) if rows or (draws and compared) else []
        if compared:
            row = self._principals.own_row(principal, self.members)
            for at, first in release(account):
                self.members.add((row,), entry(first, at), now, principal)
            joined += self._pool.learn(seen, account, row, now, drawn=texts if draws else [])
            joined += self._keyed(seen, principal, row, now)
        for group in joined:
            group.count(seen)
            group.live(account, seen, self.crowd, now)
            for value in filter(None, seen.texts):
                group.repeats.add(value, principal, len(group.rows))
            if self.touched is not None:
                self.touched.add(group.key)
            self._queue.add(group)
        for text in texts:
            self.members.add(rows, text.entry, now, text.coin)
        if draws and own.sketch is not None and not compared:
            account.first_text = now, own.sketch

    def acquit(self, group: Group) -> None:
        """Forget what is remembered of a group whose texts were compared: no one hand feeds it."""
        if group.evidence is not None and group.evidence.topic is not None:
            self.memory.forget(group.key)

    def forget(self, key: int) -> None:
        """Forget what is remembered of a group; if it is there, it is judged anew, without that."""
        self.memory.forget(key)
        group = self._table.get(key)
        if group is not None and group.remembered is not None:
            group.remembered, group.due = None, group.exchanges
            self._queue.add(group)

    def examine_next(self, now: float) -> Group | None:
        """Work a little on the group that is due the longest; give it when it is examined.

        A bounded piece of work off the request's path, which also lets go of what was forgotten.
        """
        self._table.forget_quiet(now - self._settings.quiet_days * DAY)
        self._table.let_go()
        if self._searches.are_due and self._queue.at_rest:
            return self._searches.examine_next(now)
        group = self._queue.examine_next(now)
        if group is None or group.evidence is None:
            return None
        if group.remembered is not None and group.evidence.returned is not None:
            alike = group.evidence.returned.likeness >= _RETURNED
            group.distinctive = group.remembered.distinctive and alike
        # It may have been forgotten meanwhile, and another have its key.
        return group if self._table.get(group.key) is group else None

    @property
    def at_rest(self) -> bool:
        """Return whether no examination is under way: the only time when groups can be written."""
        return self._queue.at_rest and self._searches.at_rest

    def parts(self) -> dict[str, Part]:
        """Return what is written, by name."""
        return {
            "rows": self.members,
            **self._index.parts(),
            "imprints": self.memory,
            "elsewhere": self.elsewhere,
            "reports": self.reports,
            "groups": self,
            **self._pool.parts(),
            "principals": self._principals,
            "candidates": self._candidates.places,
            **self._links.parts(),
            "crowd": self.crowd,
        }

    def dump(self) -> Iterator[bytes]:
        """Write all groups."""
        return self._table.dump(self._queue)

    def load(self, piece: bytes) -> None:
        """Read a piece of what `dump` wrote."""
        self._queue.restore(self._table.load(piece))

    @property
    def numbers(self) -> dict[int, int]:
        """While a state is read: one object for each number (`MembershipIndex`)."""
        return self._principals.numbers

    def rename(self, group: Group, name: str) -> None:
        """Give a group, and what is remembered of it, the name that a person chose."""
        group.name = name
        self.memory.rename(group.key, name)

    def hear(self, told: Summary, now: float) -> None:
        """Learn what another cell told of a group."""
        group = self._table.get(self.elsewhere.hear(told, now) or 0)
        if group is not None:
            group.elsewhere = self.elsewhere.exchanges(group.key)
            self._queue.add(group)

    def tell(self, group: Group) -> Job[Told]:
        """Return what is known of a group here, for other cells to learn."""
        return tell(group, self._index, self.members, self._principals)

    def _merge_linked(self, now: float) -> None:
        """Let the groups of components that have become one become one too."""
        while self._links.merged:
            kept, gone = self._links.merged.popleft()
            other = self._table.get(gone)
            if other is None:
                continue
            group = self._table.get(kept) or self._create(Key(other.kind, kept), now)
            group.absorb(other, now)
            self._table.forget(other, heir=group)

    def _textual(self, cut: Sequence[int], principal: int, kind: Kind, now: float) -> Group | None:
        template = self._index.learn(cut, principal)
        if template is None or self._table.get(template.key) is None:
            imprint = self.memory.match(cut, now)
            if imprint is not None and imprint.kind is kind:
                template = self._index.restore(imprint.key, imprint.segments)
        return None if template is None else self._group(Key(kind, template.key), principal, now)

    def _keys(self, seen: Observation, principal: int) -> Iterator[Key]:
        yield from keys(seen.sent.origin)
        root = self._links.component(principal)
        if root is not None:
            yield Key(Kind.LINKS, root)

    def _group(self, key: Key, principal: int, now: float) -> Group | None:
        group = self._table.get(key.value)
        if group is None:
            known = self.memory.recall(key.value, now) is not None or key.value in self.elsewhere
            if not known and not self._candidates.enough(key.value, principal):
                return None
            group = self._create(key, now)
        self._table.use(group, now)
        return group

    def _create(self, key: Key, now: float) -> Group:
        settings = self._settings
        group = Group.new(key, now, sample=settings.sample, due=settings.examine.first_exchanges)
        group.remembered = self.memory.recall(key.value, now)
        group.distinctive = key.kind is Kind.LINKS
        group.elsewhere = self.elsewhere.exchanges(key.value)
        if group.remembered is not None:
            group.name, group.due = group.remembered.name, 1
        elif key.kind.textual:
            group.distinctive = len(self._index.segments(key.value)) >= settings.distinctive
        self._table.put(group)
        return group

    def _keyed(self, seen: Observation, principal: int, row: int, now: float) -> Iterator[Group]:
        """Return the groups of what is shared beside text; all count the principal's own row."""
        for key in self._keys(seen, principal):
            group = self._group(key, principal, now)
            if group is not None:
                self._table.join(group, principal, row)
                yield group
