"""What others told, looked for in one's own traffic, beside one's own evidence. It acts on nobody.

A report says that a template was a campaign's elsewhere. Whoever uses it here may be anybody: a
public prompt, a customer that somebody wants to be rid of. So a match restricts nobody and changes
no evidence; a person reads it beside what the gate found by itself, and can answer.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Literal, NamedTuple, TypeAlias

from distillgate.intel.community import Key
from distillgate.intel.received import Told
from distillgate.intel.sketch import needed, segments
from distillgate.traffic.log import Line

Opinion: TypeAlias = Literal["agree", "disagree"]
_AGREES = 0.5
"""Share of a template's accounts that must be of one's own campaigns for one to agree."""


class Match(NamedTuple):
    """The accounts of one's own that use a template that somebody told of."""

    told: Told
    accounts: tuple[str, ...]
    own: tuple[str, ...]
    """Of them, those of campaigns that the gate found by its own evidence."""

    def opinion(self, least: int) -> Opinion | None:
        """Return what one's own evidence says; None where it is of too few accounts to say so."""
        if len(self.accounts) < least:
            return None
        if not self.own:
            return "disagree"
        return "agree" if len(self.own) >= _AGREES * len(self.accounts) else None


def look_for(
    told: Sequence[Told], scored: Iterable[tuple[Line, str]], own: Collection[str]
) -> list[Match]:
    """Find who used templates; each line comes with whom it counts for, if anybody.

    `own` are the accounts of campaigns that were found here.
    """
    index: dict[Key, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for at, one in enumerate(told):
        for value in one.lines:
            index[one.key][value].append(at)
    found: list[set[str]] = [set() for _ in told]
    for line, account in scored:
        for key, known in index.items() if account else ():
            sent = segments(line.exchange.request, key)
            hits = Counter(at for value in sent for at in known.get(value, ()))
            for at, count in hits.items():
                if count >= needed(len(told[at].lines)):
                    found[at].add(account)
    return [
        Match(one, tuple(sorted(accounts)), tuple(sorted(accounts.intersection(own))))
        for one, accounts in zip(told, found, strict=True)
    ]
