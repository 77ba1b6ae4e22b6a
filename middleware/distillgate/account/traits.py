"""What an account's requests carry: conversations, tools, repeats, prompts of a single word."""

from distillgate.account.conduct import Conduct, Trait, Word
from distillgate.fingerprint.conversation import Conversation
from distillgate.fingerprint.observation import Sent

_HALF = 0xFFFFFFFF
_SPACING = 600
"""Seconds between two occurrences of a request that comes again and again..."""
_PATIENCE = 26 * 3600
"""...and for how long it is watched for: a daily suite is one."""
_AGAIN = 3


def learn_carried(conduct: Conduct, sent: Sent, now: float) -> None:
    """Add what one request carries."""
    probe, carried = sent.probe, sent.carried
    single = probe is not None and probe.single_token and not probe.tokens
    conduct.count(Trait.PROBE, probe is not None, now)
    conduct.count(Trait.SINGLE, single and carried.short, now)
    if carried.words is not None:
        conduct.count(Trait.VOCABULARY, carried.words, now)
        return
    conduct.words[Word.SCRIPTS] |= 1 << carried.script
    if sent.system:
        conduct.mark(Word.SYSTEMS, 2, sent.system[0])
    if carried.tools is not None:
        _tools(conduct, carried.tools, now)
    _conversation(conduct, sent.conversation, now)
    _canary(conduct, sent.conversation.now & _HALF or 1, now)


def _tools(conduct: Conduct, names: int, now: float) -> None:
    new = conduct.mark(Word.TOOLS, 4, names)
    conduct.count(Trait.TOOLS, new, now)
    if conduct.marked(Word.TOOLS, 4) > 64:  # too full to tell new from old
        conduct.clear(((Word.TOOLS, 4),))


def _conversation(conduct: Conduct, found: Conversation, now: float) -> None:
    """Count whether a conversation is the latest one, and whether it began here."""
    opening = found.opening
    if found.goes_on:
        conduct.count(Trait.INTERLEAVED, opening & _HALF != conduct.words[Word.LATEST], now)
    conduct.words[Word.LATEST] = opening & _HALF
    # A Bloom filter of openings. Full, it knows everything, and says nothing more.
    if conduct.marked(Word.OPENINGS, 8) > 128:
        return
    known = [conduct.mark(Word.OPENINGS, 8, part) for part in (opening, opening >> 32)]
    if any(known):
        conduct.count(Trait.FOREIGN, found.goes_on, now)


def _canary(conduct: Conduct, asked: int, now: float) -> None:
    """Watch a few requests for whether they come again and again, well apart."""
    words, seconds = conduct.words, conduct.seconds(now)
    free = None
    for place in range(Word.CANARIES, Word.CANARIES + 8, 2):
        times, at = words[place + 1] >> 24, (words[place + 1] & 0xFFFFFF) * 60
        if words[place] == asked:
            if seconds - at >= _SPACING:
                words[place + 1] = times + 1 << 24 | seconds // 60 & 0xFFFFFF
                if times + 1 == _AGAIN:
                    conduct.count(Trait.CANARY, True, now)
                    words[place] = 0
            return
        if words[place] and seconds - at > _PATIENCE:
            conduct.count(Trait.CANARY, False, now)
            words[place] = 0
        if not words[place]:
            free = place
    if free is not None:
        words[free], words[free + 1] = asked, 1 << 24 | seconds // 60 & 0xFFFFFF
