"""Do accounts send what one hand deals? What their texts say by themselves, a key or none."""

import math
from collections.abc import Iterator

from distillgate.campaign.evidence import Evidence
from distillgate.campaign.exchangeability import likelihood_ratio
from distillgate.campaign.hand import ACCOUNTS, LEAST, HeldOut, OneHand
from distillgate.signals.detector import Finding
from distillgate.signals.group_detector import Basis, Case, Turn, group_detector
from distillgate.signals.signal import Doubt, Family

_KEYED, _KEYED_MOST = 0.4, 10.0
"""Weight of a nat where a key ties the accounts, and the most: what honest sharing says against it
is weighed apart (`shared_key`), and outweighed from the 20 nats on that are asked for. Of accounts
as alike as dealt ones each doubling beyond adds a nat, as each of the accounts takes one there."""
_NEARLY = 0.6
"""Share of what a dealer's accounts would come to, below which accounts that one card ties are
those of people or companies alike, but where their manner alone comes to a dealer's.

What anybody may share, a client, network or form of request, takes `_UNPEOPLED` in all: 125
gateways with one client came to 0.4 with four texts each and 0.1 with eighty, 156 keys of one
company to 0.6 and in manner to 0.9, campaigns to 0.8 to 1.2. With fewer nats than a hand takes it
takes `_AS_DEALT`: 79 accounts of companies came to 29, 0.7 of a dealer's, with five texts each."""
_OWN = 0.15
"""Share of all variation that lies between accounts, in what the texts that hold a key are about
and in how they ask, from which each account's are its own. Accounts of campaigns came to 0.02, of a
sorted list, too; 220 of offices and agencies that had a sentence in common to 0.3 in subject and
0.8 in manner, and fourteen texts of each to 0.4 of a dealer's."""
_REPORTED = 2.0
"""Weight of such evidence where others told of what is shared, once it reached the lower bar: what
linkage needs (`risk.linked`), after `reported` took back what is held for the accounts."""
_AS_DEALT = 0.85
"""Share of what a dealer's accounts would come to that a hand's must. Campaigns' came to 0.94 to
1.12."""
_UNPEOPLED = 0.7
"""The same of accounts that hardly ever go on with an answer: they are no front-ends, and those of
a list that is sorted by subject, or of which some play a trick, fall short by themselves. Searches
in sorted order came to 0.79 at first, and to 0.58 to 0.66 later."""
_STILL = 0.8
"""Part of it that those must keep who came to that and were linked: the more texts each sends of a
list that was sorted by subject, the more they differ. A ring whose list was sorted by half came to
0.86 with 19 texts each, and to 0.77 to 0.81 from 23 on."""
_TOLD, _UNSURE = 32.0, 0.4
"""Texts of each from which it shows whether accounts that talk back are front-ends, of which each
forwards many people, and what texts say before that: with one clock not enough, with even loads it
is."""
_SETTLED = 64.0
"""Texts of each from which `_AS_DEALT` is enough of such accounts; at `_TOLD` it takes all that a
dealer's would come to. Front-ends came to 0.97 with twenty texts each and to 0.68 with fifty; 65
resellers and 25 gateways of the same people to 1.1 with twenty, 0.92 with thirty, 0.86 with forty,
0.8 with fifty and 0.77 with 65."""
_TOGETHER = 0.5
"""Share of the accounts that share a card or a network with another, from which they are no
front-ends of several companies."""
_LINKED = 4.0
"""Weight of evidence that was reached; what is beyond adds..."""
_DOUBLED = 2.0
"""...so much with each doubling."""


@group_detector(
    Family.LINKAGE,
    "whether accounts send what one hand deals, by all that they sent alone",
    Doubt(
        "one company may spread its own work over undeclared keys",
        "the accounts declare one organisation, or come to differ in what and how they ask",
    ),
    turn=Turn.COMPARISON,
    of=frozenset({Basis.ALONE, Basis.DRAWN}),
    signals=("one_hand", "one_clock"),
)
def one_hand(case: Case) -> Iterator[Finding]:
    """Weigh texts that one half says where they lie, and the other whether it is one hand's."""
    chosen, keyed = case.evidence.one_hand, case.evidence.held_out
    if chosen is not None:
        yield from _chosen(case, chosen)
    elif keyed is not None:
        text = (
            f"by half of all they sent {keyed.principals} accounts lie where the others' other "
            f"half does, as accounts of one dealer do: evidence {keyed.nats:.0f} nats"
        )
        if keyed.of_a_dealer:
            text += f", where a dealer's would come to {keyed.of_a_dealer:.0f}"
        llr = _keyed(keyed) if _told_from_people(case, keyed) else 0.0
        yield Finding(llr, text)


def _keyed(keyed: HeldOut) -> float:
    """Weigh what accounts that share a key drew."""
    if keyed.lowered:
        return min(_KEYED_MOST, _REPORTED * (keyed.nats / keyed.asked))
    llr = _KEYED * keyed.nats
    if llr <= _KEYED_MOST:
        return llr
    return _KEYED_MOST + (math.log2(llr / _KEYED_MOST) if keyed.reached >= _AS_DEALT else 0.0)


def _told_from_people(case: Case, keyed: HeldOut) -> bool:
    """Return whether it shows that accounts which share a key are no front-ends or gateways, of
    which each forwards many people, nor a few customers of one source: 25 who sent records of one
    data set through one prompt came to 0.5 to 0.6, since each kept to other subjects, and to 1.0 to
    1.3 in manner, which is the data set's.

    Of 320 who talked to one persona, 25 that had drawn eight times were gateways and resellers, as
    alike as dealt ones.
    """
    if _peopled(case.evidence):
        told = keyed.texts >= _TOLD and keyed.nats >= LEAST
        return told and keyed.reached >= _of_people(keyed.texts)
    if case.group.kind.loose:
        return keyed.reached >= (_AS_DEALT if keyed.nats < LEAST else _UNPEOPLED)
    few = keyed.principals < ACCOUNTS and not keyed.lowered
    if few and keyed.reached < _UNPEOPLED and keyed.in_manner >= _AS_DEALT:
        return False
    if case.group.kind.textual:
        return keyed.reached >= _UNPEOPLED or not _of_their_own(case.evidence)
    return keyed.in_manner >= _AS_DEALT or keyed.nats >= _NEARLY * keyed.of_a_dealer


def _of_their_own(evidence: Evidence) -> bool:
    """Return whether, of the texts that hold the key, each account sends others than the rest."""
    apart = (evidence.topic, evidence.style)
    return all(one is not None and one.rho - 2 * one.error >= _OWN for one in apart)


def _of_people(texts: float) -> float:
    """Return the share of what a dealer's accounts would come to that those who talk back must."""
    unsettled = min(1.0, max(0.0, (_SETTLED - texts) / (_SETTLED - _TOLD)))
    return _AS_DEALT + unsettled * (1.0 - _AS_DEALT)


def _asked(found: OneHand, evidence: Evidence, *, linked: bool) -> float:
    """Return the share of what a dealer's accounts would come to that a hand's must.

    Front-ends of one company, which share its card, are people's, too.
    """
    most = _AS_DEALT if evidence.peopled else _UNPEOPLED
    if linked:
        return _STILL * most
    return _of_people(found.texts) if _peopled(evidence) else most


def _peopled(evidence: Evidence) -> bool:
    """Return whether the accounts may be front-ends of several companies."""
    return evidence.peopled and evidence.taken.openness.together < _TOGETHER


def _chosen(case: Case, found: OneHand) -> Iterator[Finding]:
    """Weigh accounts that half of their texts chose; the clock may add."""
    evidence = case.evidence
    llr = _LINKED * found.nats / found.asked
    if found.nats >= found.asked:
        llr = _LINKED + _DOUBLED * math.log2(found.nats / found.asked)
    text = (
        f"half of their texts chose {found.accounts} accounts, and by the other half they differ "
        f"as accounts of one dealer do: evidence {found.nats:.0f} of {found.asked:.0f} nats; "
        f"{evidence.distinct:.0f} items, each drawn {found.recurrence:.1f} times"
    )
    peopled = _peopled(evidence)
    reached = found.reached
    if not peopled:
        reached = max(reached, found.in_manner, found.in_subject)
    asked = _asked(found, evidence, linked=case.group.link >= _LINKED)
    if found.of_a_set:
        llr = min(0.0, llr)
        text += ", as those of a public set"
    elif reached < asked:
        llr = min(0.0, llr)
        text += f"; of what a dealer's would come to, that is {reached:.0%} by now"
    elif peopled and found.texts < _TOLD:
        llr = min(_UNSURE, llr)
        text += f"; {evidence.follows:.0%} of requests go on from an answer, as people's do"
    yield Finding(llr, text)
    if evidence.clock is not None:
        weight = max(0.0, likelihood_ratio(evidence.clock, case.examine.clock))
        said = f"their hours differ by {evidence.clock.rho:+.3f} of all variation (one dealer: 0)"
        yield Finding(weight, said, name="one_clock")
