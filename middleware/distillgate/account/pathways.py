"""From where and by which way an account is used: networks, clients, comebacks after refusals."""

from distillgate.account.conduct import Conduct, Trait, Word
from distillgate.fingerprint.origin import Origin

_SOON = 120
"""Seconds within which a refused request comes again, if it does."""
_HALF = 0xFFFFFFFF


def learn_pathways(
    conduct: Conduct, origin: Origin, asked: int, now: float, *, refused: bool
) -> None:
    """Add one request's way here; `asked` is the hash of what it asks."""
    if origin.nearby:
        conduct.mark(Word.NETWORKS, 2, origin.nearby)
    if origin.agent:
        conduct.mark(Word.AGENTS, 2, origin.agent)
    if origin.scrubbed is not None:
        conduct.count(Trait.SCRUBBED, origin.scrubbed, now)
    if origin.declared:
        conduct.add(Word.DECLARED, 1)
    way = (origin.nearby ^ origin.agent) & _HALF
    _comeback(conduct, asked & _HALF, way, now, refused=refused)


def _comeback(conduct: Conduct, asked: int, way: int, now: float, *, refused: bool) -> None:
    words, at = conduct.words, Word.REFUSED
    seconds = conduct.seconds(now)
    if words[at] == asked and asked and seconds - words[at + 2] <= _SOON:
        conduct.count(Trait.FAILOVER, words[at + 1] != way, now)
        words[at] = 0
    if refused:
        words[at], words[at + 1], words[at + 2] = asked, way, seconds
