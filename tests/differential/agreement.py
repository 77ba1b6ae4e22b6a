"""The property: what an upstream takes for a call was judged as that call, and arrived as sent."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import orjson
from tests.differential.request import Arrived, Call, Judged, Run, Sent

UNLIMITED = 1 << 63
"""A limit from which on it is none."""

_HOP = frozenset({
    "connection", "http2-settings", "keep-alive", "proxy-authenticate", "proxy-authorization",
    "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
})  # fmt: skip
_REBUILT = frozenset({
    "content-length", "expect", "forwarded", "host", "via",
    "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto",
})  # fmt: skip
"""What a proxy writes anew for the next connection, or says for itself."""


class Violation(NamedTuple):
    """What does not hold."""

    kind: str
    text: str


def violations(
    sent: Sent, alone: Run, gated: Run, judged: Judged, keys: dict[str, str], *, httptools: bool
) -> Iterator[Violation]:
    """Compare both views of the same bytes.

    `httptools` says that the upstream parses with httptools, which stops reading at an upgrade and
    takes trailers for headers: alone it is no measure of what such bytes say.
    """
    for where in judged.failed:
        yield Violation("failed", where)
    yield from _unjudged(gated, judged, keys)
    own_faults = {"framing upgrade", "framing trailers", "framing within"} if httptools else set()
    if not sent.oddities & own_faults:
        yield from _changed(alone, gated)
    if not sent.oddities and not (gated.ended and gated.calls):
        yield Violation("refused", "a plain call did not arrive")


def _unjudged(gated: Run, judged: Judged, keys: dict[str, str]) -> Iterator[Violation]:
    """Find the calls that an upstream took and the gate did not, or took for others."""
    left, reasons = list(judged.calls), list(judged.unread)
    for one in gated.arrived:
        call = one.call
        if call is None:
            continue
        found = min(left, key=lambda each: len(differences(call, each, keys)), default=None)
        wrong = ["not judged"] if found is None else differences(call, found, keys)
        if found is not None and (not wrong or not reasons):
            left.remove(found)
        if not wrong:
            continue
        excuse = next((reason for reason in reasons if _excuses(reason, one, call)), None)
        if excuse is not None:
            reasons.remove(excuse)
        else:
            kind = "unjudged" if found is None else "misjudged"
            yield Violation(
                kind, f"{', '.join(wrong)}\n  upstream: {call}\n  gate: {found} {judged.unread}"
            )


def differences(call: Call, judged: Call, keys: dict[str, str]) -> list[str]:
    """List in what the gate's view of a call falls short of the upstream's.

    The gate may see more than one upstream does, as another may read just that: more text, a higher
    limit.
    """
    wrong = []
    if judged.operation != call.operation:
        wrong.append("operation")
    if call.key is not None and keys[call.key] != judged.key:
        wrong.append("account")
    if judged.plan != call.plan:
        wrong.append("plan")
    if _missing(call.texts, judged.texts):
        wrong.append("texts")
    limit = judged.max_tokens
    named = call.max_tokens is not None and 0 <= call.max_tokens < UNLIMITED
    if named and (limit is None or limit < (call.max_tokens or 0)):
        wrong.append("max_tokens")
    if call.stream and not judged.stream:
        wrong.append("stream")
    return wrong


def _missing(texts: tuple[str, ...], judged: tuple[str, ...]) -> list[str]:
    """List the texts that were not judged; parsers mend what is no text in ways of their own."""
    whole = _comparable("\n".join(judged))
    return [text for text in texts if _comparable(text) not in whole]


def _comparable(text: str) -> str:
    return re.sub(r"[^\x20-\x7e]+", "", text)


def _excuses(reason: str, arrived: Arrived, call: Call) -> bool:
    """Return whether a request that was counted as unread may be unread for this reason.

    Nobody's key makes it anonymous. Plain JSON is read by everybody, the gate included.
    """
    if reason == "anonymous":
        return call.key is None
    try:
        return not isinstance(orjson.loads(arrived.body), dict)
    except orjson.JSONDecodeError:
        return True


def _changed(alone: Run, gated: Run) -> Iterator[Violation]:
    """Find what reached the upstream otherwise than the client's own bytes would have."""
    if alone.refused or not alone.ended:
        return  # the upstream itself could not make anything of it
    if gated.silent and not alone.silent:
        yield Violation("silent", "the sidecar answers nothing where the upstream does")
    for number, one in enumerate(gated.arrived):
        if number >= len(alone.arrived):
            yield Violation("smuggled", f"a request that nobody made: {one}")
        elif wrong := _altered(alone.arrived[number], one):
            yield Violation("altered", f"{wrong}\n  alone: {alone.arrived[number]}\n  gated: {one}")
    if len(gated.arrived) < len(alone.arrived) and not (gated.refused or gated.closed):
        yield Violation("lost", f"{alone.arrived[len(gated.arrived)]}")


def _altered(alone: Arrived, gated: Arrived) -> str:
    """Name the part of a request that is not as it was sent; empty where all is."""
    if alone.method != gated.method:
        return "method"
    if gated.target not in (alone.target, *normalised(alone.target)):
        return "target"
    if alone.body != gated.body:
        return "body"
    # Nor may a client take off what its proxy put on, whatever its `Connection` names.
    without = _HOP | _REBUILT | alone.hop
    ours, theirs = alone.values(without), gated.values(without)
    # A name like `x_plan` is another spelling of one that proxies set, and may be left out.
    kept = {name for name in ours if "_" not in name or name in theirs}
    names = {name for name in kept | theirs.keys() if ours.get(name) != theirs.get(name)}
    return f"headers {sorted(names)}" if names else ""


def normalised(target: str) -> list[str]:
    """List the forms that a proxy may give a target: without its origin, without dot segments.

    Without an empty query too: ASGI does not tell it from none.
    """
    origin = re.match(r"[A-Za-z]+://[^/?#]*", target)
    rooted = target[origin.end() :] if origin else target
    rooted = rooted.partition("#")[0]
    path, mark, query = rooted.partition("?")
    tail = mark + query if query else ""
    return [path + tail, _without_dots(path) + tail]


def _without_dots(path: str) -> str:
    """Remove dot segments (RFC 3986 5.2.4), percent-encoded dots included."""
    kept: list[str] = []
    steps = path.split("/")
    for place, step in enumerate(steps):
        plain = re.sub("%2e", ".", step, flags=re.IGNORECASE)
        if plain == "..":
            del kept[1:][-1:]
            if len(kept) > 1:
                kept.pop()
        if plain not in (".", ".."):
            kept.append(step)
        elif place == len(steps) - 1:
            kept.append("")
    return "/".join(kept)
