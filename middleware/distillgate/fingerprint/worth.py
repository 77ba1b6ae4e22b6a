"""What one request may bring its sender, as far as it can be read from the request."""

from distillgate.fingerprint.news import News
from distillgate.records import FrozenRecord
from distillgate.wire.request import Request


class Worth(FrozenRecord, frozen=True):
    """What decides how much of an answer counts as taken."""

    repeats: bool = False
    """Its principal has sent all of it before, and it goes on from no new answer."""
    certain: bool = False
    """It is sampled at temperature 0, so the same request brings the same answer."""
    probes: bool = False
    """It reads token probabilities under a bias."""
    replies: bool = False
    """It goes on from an answer that was given here, and no tool did: a turn of the user's."""
    embeds: bool = False
    """It is answered by vectors, which no output tokens are counted for."""


def worth(request: Request, news: News) -> Worth:
    """Read what decides how much the answer to a request counts."""
    asked = request.parameters
    reads = asked.logprobs or bool(asked.top_logprobs) or asked.echo
    after = request.dialogue[news.thread.end :]
    return Worth(
        repeats=not news.texts and not news.payloads and not news.continues,
        certain=asked.temperature == 0,
        probes=reads and bool(asked.logit_bias),
        replies=news.continues and all(turn.role == "user" for turn in after),
        embeds=request.operation.embeds,
    )
