"""What a log does not tell is named with what it costs."""

from distillgate.dialects.chat import CHAT
from distillgate.traffic.coverage import Coverage
from distillgate.wire.exchange import Attributes, Client, Exchange, Outcome
from distillgate.wire.request import from_document

ASKED = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "user": "u"}


def test_a_log_that_tells_everything_misses_nothing() -> None:
    client = Client("203.0.113.7", "agent", ["host"], "t13d")
    exchange = Exchange(
        "a", from_document(CHAT, ASKED), plan="p", organisation="o", client=client,
        attributes=Attributes(0.0, "card"),
    )  # fmt: skip
    told = Outcome(200, 1, 0, "stop", text="yes", latency=0.0, references=("r",))
    coverage = Coverage()
    coverage.add(exchange, told)
    assert coverage.missing() == []


def test_what_some_tell_is_counted_and_the_costliest_comes_first() -> None:
    coverage = Coverage()
    for ip in ("203.0.113.7", None):
        bare = from_document(CHAT, {"model": "m", "messages": []})
        coverage.add(Exchange("a", bare, client=Client(ip)), Outcome())
    missing = coverage.missing()
    assert missing[0].what == "prompt text"
    assert (missing[1].what, missing[1].known) == ("client address", 1)
    assert all(one.costs for one in missing)
