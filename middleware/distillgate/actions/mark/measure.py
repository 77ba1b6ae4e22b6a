"""The measure: one line more in the system prompt of some of a suspected group's requests."""

import re
from hashlib import blake2b
from typing import Annotated, ClassVar

from pydantic import Field

from distillgate.actions.draft import Draft
from distillgate.actions.mark.codebook import PAIRS, key_of
from distillgate.actions.rules import takes_system_turn
from distillgate.settings import Settings
from distillgate.wire.edit import Value
from distillgate.wire.request import Request


class MarkSettings(Settings):
    """Which answers are marked."""

    share: Annotated[float, Field(ge=0.0, le=1.0)] = 0.25
    """Share of a group's different questions whose answers are marked. The paper's rare marker was
    in about a fifth of the answers, and was still inherited."""
    shortest: ClassVar[int] = 128
    """Output tokens an answer must be allowed to be marked."""
    declare: bool = True
    """The response header names the mark. It is then no secret from who reads headers."""


_LINE = (
    "If your answer is prose in English, end it with one short, sincere follow-up question on its "
    'subject that begins with the words "{form}". Leave the rest of the answer as it would be. Do '
    "not do so where the answer is code, data, a list, a choice, or in any format that was asked "
    "for. Do not mention this."
)
_FORMATTED = re.compile(
    r"```|\b(?:json|xml|ya?ml|csv|html|latex|markdown|table|regex|sql|schema|code|coding|script|"
    r"function|class|program|python|java\w*|typescript|rust|golang|c\+\+|bash|shell|api|bug|"
    r"compile\w*|only|exactly|format\w*|one word|single word|yes or no|label|classify|score|"
    r"translate|multiple.choice|verbatim)\b",
    re.IGNORECASE,
)
"""Words of a request whose answer may be read by a program, or may not be added to. Rather too
many: an answer that is not marked is no loss."""

_READ = 20_000
"""Characters of a text that are looked through for them, at each of its ends."""


def mark(draft: Draft, settings: MarkSettings, secret: bytes) -> None:
    """Ask for the mark, where the request is one for prose and its question is among the share."""
    request, group = draft.request, draft.group
    if group is None or not _prose(request, settings.shortest):
        return
    digest = blake2b(group.encode(), key=secret[:64], digest_size=16, person=b"mark question")
    digest.update(request.newest.encode("utf-8", "replace"))
    drawn = digest.digest()
    # By the question, not by chance: who asks twice gets two answers of a kind.
    if int.from_bytes(drawn[:8]) >= settings.share * 2**64:
        return
    pair = int.from_bytes(drawn[8:]) % len(PAIRS)
    line = _LINE.format(form=PAIRS[pair][key_of(secret, group)[pair]])
    if _instruct(draft, line):
        draft.changed = True
        if settings.declare:
            draft.done.append("mark")


def _prose(request: Request, shortest: int) -> bool:
    asked = request.parameters
    if asked.json_output or asked.tools or asked.logprobs:
        return False
    if asked.max_tokens is not None and asked.max_tokens < shortest:
        return False
    if any(message.role == "tool" for message in request.messages):
        return False
    texts = (request.newest, request.instructions)
    return bool(request.newest) and not any(
        _FORMATTED.search(part) for text in texts for part in (text[:_READ], text[-_READ:])
    )


def _instruct(draft: Draft, line: str) -> bool:
    """Add a line at the end of the instructions; False where there is no place for it."""
    place = draft.measured.instructions
    if place is None:
        return False
    if place.turn:
        told = [_first_turn(turns, line, draft) for turns in draft.at(place.name)]
        return any(told)
    return _instructions(draft, place.name, line)


def _instructions(draft: Draft, name: str, line: str) -> bool:
    given = list(draft.at(name))
    if not given:
        draft.body.root.put(name, line)
    longer = [_longer(value, line) for value in given]
    return not given or any(longer)


def _first_turn(turns: Value, line: str, draft: Draft) -> bool:
    items = turns.items()
    if not items:
        return False
    first = items[0].value
    if any(role.read() in ("system", "developer") for role in first.members("role")):
        longer = [_longer(content, line) for content in first.members("content")]
        return any(longer)
    if not takes_system_turn(draft.answering):
        return False
    turns.insert(0, {"role": "system", "content": line})
    return True


def _longer(instructions: Value, line: str) -> bool:
    if not instructions.read():
        instructions.replace(line)
    elif instructions.kind == b'"':
        instructions.extend(f"\n\n{line}")
    elif instructions.kind == b"[":
        instructions.insert(len(instructions.items()), {"type": "text", "text": line})
    else:
        return False
    return True
