"""Looking at an exchange as the engine does, without one: for tests of what is learned of it."""

from msgspec.structs import replace

from distillgate.fingerprint import look
from distillgate.fingerprint.fingerprint import Fingerprinter
from distillgate.fingerprint.observation import Observation, Party
from distillgate.fingerprint.segments import SegmentSettings, cut
from distillgate.wire.exchange import Exchange, Outcome
from distillgate.wire.request import Request

READER = Fingerprinter(1)


def observe(
    asked: Exchange | Request,
    outcome: Outcome | None = None,
    *,
    less: str = "",
    fixed: frozenset[int] = frozenset(),
    tokens: int = 10,
    retry: bool = False,
) -> Observation:
    """Look at an exchange; what varies is its turn less some text, or less some pieces.

    Every answer in it is taken for one that was given here.
    """
    exchange = asked if isinstance(asked, Exchange) else Exchange("a", asked)
    outcome, request = outcome or Outcome(status=200), exchange.request
    found = READER.read(request, READER.cut(request, 1, (), settled=False))
    fixed |= frozenset(cut(less, SegmentSettings(), 1).longer(0))
    return Observation(
        at=0.0,
        account=Party(exchange.account, 1, exchange.plan, 0.0),
        payer=None,
        retry=retry,
        risk=0.0,
        sent=replace(
            look.sent(exchange, found, tokens, READER.hash, exchange.organisation),
            continues=any(turn.role == "assistant" for turn in request.messages),
        ),
        own=look.own(found, fixed, READER.hash),
        answer=look.answer(found, outcome, READER.answered(outcome)),
        handed=None,
    )
