"""Reading what is to be learned of an exchange: the last that anybody sees of its text."""

from collections.abc import Callable, Container
from collections.abc import Set as AbstractSet

from msgspec.structs import replace

from distillgate.fingerprint.conversation import Answered
from distillgate.fingerprint.describe import describe
from distillgate.fingerprint.fingerprint import Fingerprint, Pieces
from distillgate.fingerprint.intents import Intent, intents
from distillgate.fingerprint.observation import Answer, Observation, Own, Sent
from distillgate.fingerprint.origin import origin
from distillgate.fingerprint.request_traits import carried
from distillgate.fingerprint.segments import Cut, common
from distillgate.fingerprint.sketch import Sketch, pack, sketch, steered, unpack
from distillgate.fingerprint.words import window
from distillgate.fingerprint.worth import worth
from distillgate.wire.exchange import Exchange, Outcome

_SORRY = ("i can't", "i cannot", "i'm sorry", "i am sorry", "sorry, ",
          "i'm not able", "i am not able", "i won't", "i'm unable", "i am unable")  # fmt: skip

Hash = Callable[[str | bytes], int]
"""A keyed hash of a text, to 64 bits."""


def sent(
    exchange: Exchange,
    found: Fingerprint,
    tokens: int,
    hash_text: Hash,
    organisation: str | None,
) -> Sent:
    """Read a request of so many prompt tokens; `organisation` is of whom it is scored as."""
    request = exchange.request
    return Sent(
        organisation=organisation,
        created=exchange.attributes.created,
        model=request.model,
        tokens=tokens,
        continues=found.pieces.news.continues,
        instructed=bool(request.instructions),
        cap=request.parameters.max_tokens,
        elicits=found.elicits,
        signature=found.signature,
        probe=found.probe,
        system=found.pieces.system.hashes,
        turn=found.pieces.turn.hashes,
        conversation=found.conversation,
        origin=origin(exchange, found.shape, hash_text),
        carried=carried(request, found.pieces.turn.text, hash_text),
        operation=request.operation.name,
        worth=worth(request, found.pieces.news),
    )


def own(found: Fingerprint, fixed: Container[int], hash_text: Hash, turn: Cut | None = None) -> Own:
    """Read the part of what is new that varies; `fixed` are the pieces that do not.

    `turn` is one of several inputs, where not all is read as one text.
    """
    whole, new = found.pieces.turn, found.pieces.news
    turn = turn or whole
    unread = new.payloads[:1] if turn is whole else ()
    # Words that were sent before are fixed, too, where they are too few to be a segment.
    text = b"" if unread and not new.worded else turn.without(fixed.__contains__)
    asked = found.asked
    if asked.kinds and len(text) < len(turn.text.strip()):
        asked = intents(text.decode(errors="replace"))
    kinds = asked.kinds
    biased = new.biased if turn is whole else ()
    # Of one long text each reads another part: that is no other text to those who count them.
    content = (turn.whole or text) if text else b""
    content += b"".join(value.to_bytes(8, "big") for value in (*unread, *biased))
    sketched, sampled = describe(window(text), hash_text(b"3-grams"))
    if biased:
        sketched = pack(steered(unpack(sketched) if sketched else None, biased))
    return Own(
        hash=hash_text(content) if content else None,
        sketch=sketched,
        kinds=kinds,
        wording=hash_text(asked.wording) if kinds & Intent.HIDDEN else 0,
        constant=(found.asked.kinds & ~kinds) | found.pieces.constant,
        payload=bool(unread) and not text,
        grams=sampled,
    )


def inputs(
    found: Fingerprint, fixed: AbstractSet[int], hash_text: Hash
) -> tuple[tuple[Own, ...], tuple[int, ...]]:
    """Read the inputs of a request that packs several: some of them, and the hashes of the rest.

    A piece that several of them have is their template's. Each payload is an input, too.
    """
    read, news = found.pieces.inputs, found.pieces.news
    if not read:
        return (), news.payloads[1:]
    fixed = {*fixed, *common(read)}
    owns = tuple(own(found, fixed, hash_text, turn) for turn in read)
    counted = [hash_text(text.strip()) for text in news.inputs[len(read) :]]
    return owns, (*counted, *news.payloads)


def sketches(pieces: Pieces, fixed: AbstractSet[int]) -> list[Sketch]:
    """Return the sketches of what varies in the inputs that a request packs."""
    fixed = {*fixed, *common(pieces.inputs)}
    texts = (turn.without(fixed.__contains__) for turn in pieces.inputs)
    return [drawn for text in texts if text and (drawn := sketch(text)) is not None]


def answer(found: Fingerprint, outcome: Outcome, told: Answered) -> Answer:
    """Read what became of a request, and what its answer will be known by."""
    return Answer(
        prompt_tokens=outcome.prompt_tokens,
        completion_tokens=outcome.completion_tokens,
        output_tokens=outcome.output_tokens,
        given=200 <= outcome.status < 300,
        turned_away=outcome.turned_away,
        denied=found.asked.kinds & Intent.HIDDEN != 0 and _denied(outcome),
        told=told,
    )


def again(seen: Observation, outcome: Outcome, now: float, risk: float) -> Observation:
    """Return what is learned of an answer that came after its exchange was: no new traffic."""
    told = replace(
        seen.answer,
        prompt_tokens=outcome.prompt_tokens,
        completion_tokens=outcome.completion_tokens,
        output_tokens=outcome.output_tokens,
    )
    return replace(seen, at=now, retry=True, risk=risk, answer=told, handed=None)


def _denied(outcome: Outcome) -> bool:
    """Return whether the model would not do what it was asked for."""
    if outcome.finish_reason in ("refusal", "content_filter"):
        return True
    beginning = (outcome.text or "")[:40].lstrip().lower().replace("\u2019", "'")
    return beginning.startswith(_SORRY)
