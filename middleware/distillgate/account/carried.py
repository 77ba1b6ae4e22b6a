"""What an account's requests carry: conversations, tools, repeats, prompts of a single word."""

import re
from collections.abc import Sequence
from typing import Any

import xxhash

from distillgate.account.conduct import Conduct, Trait, Word
from distillgate.fingerprint.fingerprint import Fingerprint
from distillgate.wire.operation import Operation
from distillgate.wire.request import Request

_SCRIPTS = re.compile(
    "([\u0400-\u052f])|([\u0590-\u05ff])|([\u0600-\u06ff])|([\u0900-\u0dff])|([\u0e00-\u0eff])"
    "|([\u3040-\u30ff])|([\uac00-\ud7af])|([\u4e00-\u9fff])|([\u0370-\u03ff])"
)
_READ = 400
_WORD = 24
"""Characters of a prompt that is hardly more than a token."""
_INPUTS = 16
"""Inputs of a request for embeddings that are looked at."""
_HALF = 0xFFFFFFFF
_SPACING = 600
"""Seconds between two occurrences of a request that comes again and again..."""
_PATIENCE = 26 * 3600
"""...and for how long it is watched for: a daily suite is one."""
_AGAIN = 3


def learn_carried(conduct: Conduct, request: Request, found: Fingerprint, now: float) -> None:
    """Add what one request carries."""
    newest = request.newest
    probe = found.probe
    single = probe is not None and probe.single_token and not probe.tokens
    conduct.count(Trait.PROBE, probe is not None, now)
    conduct.count(Trait.SINGLE, single and len(newest) <= _WORD, now)
    if request.operation is Operation.EMBEDDINGS:
        conduct.count(Trait.VOCABULARY, _single_words(request), now)
        return
    conduct.words[Word.SCRIPTS] |= 1 << script(newest)
    if found.system.hashes:
        conduct.mark(Word.SYSTEMS, 2, found.system.hashes[0])
    if request.tools:
        _tools(conduct, request.tools, now)
    _conversation(conduct, found, now)
    _canary(conduct, found.conversation.now & _HALF or 1, now)


def script(text: str) -> int:
    """Give the number of a text's script; 0 is Latin, and whatever is not known."""
    if text.isascii():
        return 0
    match = _SCRIPTS.search(text, 0, _READ)
    return match.lastindex or 0 if match is not None else 0


def _single_words(request: Request) -> bool:
    texts = [message.text for message in request.messages[:_INPUTS]]
    return all(len(text) <= _WORD and len(text.split()) <= 1 for text in texts)


def _tools(conduct: Conduct, tools: Sequence[Any], now: float) -> None:
    names = "\n".join(sorted(map(_name, tools))).encode("utf-8", "surrogatepass")
    new = conduct.mark(Word.TOOLS, 4, xxhash.xxh3_64_intdigest(names))
    conduct.count(Trait.TOOLS, new, now)
    if conduct.marked(Word.TOOLS, 4) > 64:  # too full to tell new from old
        conduct.clear(((Word.TOOLS, 4),))


def _name(tool: Any) -> str:
    if not isinstance(tool, dict):
        return ""
    function = tool.get("function")
    named = function if isinstance(function, dict) else tool
    return str(named.get("name"))[:128]


def _conversation(conduct: Conduct, found: Fingerprint, now: float) -> None:
    """Count whether a conversation is the latest one, and whether it began here."""
    opening = found.conversation.opening
    if found.conversation.goes_on:
        conduct.count(Trait.INTERLEAVED, opening & _HALF != conduct.words[Word.LATEST], now)
    conduct.words[Word.LATEST] = opening & _HALF
    # A Bloom filter of openings. Full, it knows everything, and says nothing more.
    if conduct.marked(Word.OPENINGS, 8) > 128:
        return
    known = [conduct.mark(Word.OPENINGS, 8, part) for part in (opening, opening >> 32)]
    if any(known):
        conduct.count(Trait.FOREIGN, found.conversation.goes_on, now)


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
