"""What of a request is new: the one place that decides which content counts.

Content is content wherever it stands. What counts of a request is everything in it that this
principal did not send before and that this service did not answer it, whatever the role, the place
in the conversation, or the field. A constant text therefore counts once, a history that is sent
again not at all, and an "answer" that was never given here counts as the words of whoever wrote it.
Nothing a client says about its own request (a role, a header, a place) enters.

The first request of an account is the exception: what stands beside its turns, its instructions and
tools, is taken for what it will always send. If it changes, it is content like the rest.
"""

from collections.abc import Container, Iterable, Sequence
from itertools import islice

import xxhash

from distillgate.fingerprint.beside import Beside
from distillgate.fingerprint.payloads import unread
from distillgate.fingerprint.principal import Principal, Returns, answers_named, key_of, seen_text
from distillgate.fingerprint.thread import Thread, thread
from distillgate.records import FrozenStruct
from distillgate.wire.message import Message
from distillgate.wire.request import Request

MARKS = 48
"""New contents of one request that are remembered one by one; a longer history is remembered as a
whole, by its conversation."""

INPUTS = 64
"""New inputs of one request that are counted one by one."""

_BIASED = 16
"""New biased tokens of one request that are read: a keyed hash says which."""


class News(FrozenStruct, frozen=True):
    """What of one request is new to its principal."""

    text: str
    """The new content, joined. Where nothing is new, the newest turn once more: a repeat."""
    inputs: tuple[str, ...]
    """The new inputs, where a request packs several; at most `INPUTS`."""
    texts: int
    """How many texts are new: 0 is a repeat, more than 1 are packed in one request."""
    worded: bool
    """Some of what is new is text."""
    payloads: tuple[int, ...]
    """Keyed hashes, the same for every principal, of what is new and no text; at most `INPUTS`."""
    biased: tuple[int, ...]
    """Such hashes of the tokens that are biased and were not before; at most 16."""
    marks: tuple[int, ...]
    """Keyed hashes by which all this is known from now on."""
    instructions: str
    """The instructions, where they are not content."""
    continues: bool
    """It goes on from an answer that was given here, and that did not come back before."""
    thread: Thread


def news(request: Request, who: int, known: Container[int], seed: int, *, settled: bool) -> News:
    """Return what of a request is new to the principal `principal`; `known` is what it sent before.

    `settled` says that the account has sent requests before, so that what it always sends is known.
    """
    principal = Principal(key_of(who, seed), known)
    talk = request.dialogue
    found = thread(talk, seed)
    fresh: dict[int, str] = {}
    instructions = request.instructions
    beside = Beside(principal, request.read)
    noted = _constant(request, beside, principal, fresh, settled=settled)
    changed = bool(fresh) and next(iter(fresh.values())) == instructions
    odd, strange = unread(request)
    payloads = _payloads(request, [*strange, *beside.payloads], principal, seed)
    biased = _biased(request.parameters.logit_bias, principal, seed)
    back = Returns(principal)
    named = [back.anew(principal.seal(name)) for name in answers_named(request.document)]
    continues = _turns(talk, found, back, fresh, noted) or any(named)
    noted += back.marks
    _add(odd, principal, fresh)
    if beside.spelt and not (fresh or payloads or biased):
        _add([beside.spelt], principal, fresh)
    packs = request.prompts > 1 or request.operation.plain
    many = packs and len(request.messages) > 1
    inputs = sorted(fresh)[:INPUTS] if many else []
    marks = [*fresh, *noted][-MARKS:] if not many else [*noted, *inputs]
    marks += (*list(payloads)[:INPUTS], *biased)
    texts = len(fresh) if many else min(1, len(fresh) + len(biased))
    return News(
        text="\n".join(fresh.values()) if fresh else request.newest,
        inputs=tuple(fresh[mark] for mark in inputs),
        texts=max(texts, len(payloads)) if not many else texts + len(payloads),
        worded=bool(fresh),
        payloads=tuple(payloads.values())[:INPUTS],
        biased=tuple(biased.values()),
        marks=(*marks, principal.state(found.now, b"sent\0")),
        instructions="" if changed else instructions,
        continues=continues,
        thread=found,
    )


def _constant(
    request: Request,
    beside: Beside,
    principal: Principal,
    fresh: dict[int, str],
    *,
    settled: bool,
) -> list[int]:
    """Collect what is new of that which stays the same in most requests of an account.

    Return the marks of what is known from now on and no content.
    """
    found = fresh if settled else dict[int, str]()
    _add((request.instructions, *beside.texts(request.document)), principal, found)
    return [*(() if settled else found), *beside.marks]


def _add(texts: Iterable[str], principal: Principal, fresh: dict[int, str]) -> None:
    """Add those texts that are new."""
    for text in texts:
        if text and (mark := principal.mark(text)) not in principal.known:
            fresh.setdefault(mark, text)


def _payloads(
    request: Request, given: Iterable[str | bytes], principal: Principal, seed: int
) -> dict[int, int]:
    """Return what is new and no text: the hashes that are everybody's, by the principal's marks.

    Sealed reasoning is known by its seal: what an answer handed out is no content of its reader's.
    """
    new: dict[int, int] = {}
    for value in given:
        hashed = _hash(value, seed)
        if (mark := principal.payload(hashed)) not in principal.known:
            new[mark] = hashed
    for _, seal in request.references:
        if (mark := principal.seal(seal)) not in principal.known:
            new[mark] = _hash(seal, seed)
    return new


def _biased(tokens: Sequence[str], principal: Principal, seed: int) -> dict[int, int]:
    """Return some of the tokens that this principal did not bias before, by its marks.

    A walk over the vocabulary asks by its biases, whatever stands in the prompt (Carlini et al.
    2024, arXiv:2403.06634). Each token is content once, so none that an account always biases tells
    it from others.
    """
    if not tokens:
        return {}
    drawn = sorted(_hash("bias\0" + token, seed) for token in set(tokens))
    marked = ((principal.payload(hashed), hashed) for hashed in drawn)
    return dict(islice((one for one in marked if one[0] not in principal.known), _BIASED))


def _hash(value: str | bytes, seed: int) -> int:
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogatepass")
    return xxhash.xxh3_64_intdigest(value, seed)


def _turns(
    talk: Sequence[Message],
    found: Thread,
    back: Returns,
    fresh: dict[int, str],
    noted: list[int],
) -> bool:
    """Collect the turns that are new; return whether the newest answer came from here, anew."""
    principal, skip = back.principal, 0
    known = principal.known
    if found.before is not None and principal.state(found.before, b"sent\0") in known:
        skip = found.start
    anew = False
    run = talk[found.start : found.end]
    size = sum(len(turn.text) for turn in run)
    if found.before is not None:
        anew = back.answer(principal.state(found.before, b"answered\0"), size)
    for turn in run:
        anew = back.of(turn, size) or anew
    for place, turn in enumerate(talk):
        if not turn.text or (place < skip and turn.role != "system"):
            continue
        mark = principal.mark(turn.text)
        if mark in known or mark in fresh:
            continue
        if turn.role == "assistant":
            newest = place >= found.start
            # A call, or reasoning, came with an answer or in place of one.
            if (newest and anew and not seen_text(turn)) or back.of(turn, len(turn.text)):
                noted.append(mark)
                if added := back.added(turn):
                    fresh[principal.mark(added)] = added
                continue
        fresh[mark] = turn.text
    return anew
