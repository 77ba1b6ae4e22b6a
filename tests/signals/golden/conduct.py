"""Golden scenarios of conduct: the indicators of advisory AA26-251A that are not in the text."""

from collections.abc import Iterator
from random import Random

from tests.engine.conftest import chat
from tests.signals.golden.scenario import START, Scenario, Sent
from tests.signals.golden.traffic import DAY, HOUR, client, every, office, talk, writer

from distillgate.account.account import AccountSettings
from distillgate.account.conduct import ConductSettings
from distillgate.engine.engine import EngineSettings
from distillgate.wire.exchange import Attributes, Outcome

_REFUSED = Outcome(status=429)
_HEAVY = Outcome(status=200, prompt_tokens=30_000, completion_tokens=2_000)
_SCRIPTS = ("Please explain this.", "Объясни это подробно.", "请详细解释一下。", "これを説明して。")


def sleepless(dice: Random) -> Iterator[Sent]:
    """Send something new every ten minutes, five days and nights long."""
    write = writer(dice)
    for at in every(600.0, 5 * 144):
        yield Sent(at, chat("a", write()))


def nightly(dice: Random) -> Iterator[Sent]:
    """Run an evaluation suite every night, as fast as it goes."""
    write = writer(dice)
    suite = [write() for _ in range(150)]
    for day in range(5):
        for at, text in zip(every(30.0, 150, START + day * DAY + 2 * HOUR), suite, strict=True):
            yield Sent(at, chat("a", f"Answer, then explain step by step. {text}"))


def at_once(dice: Random) -> Iterator[Sent]:
    """Begin an hour after signing up, with all one has."""
    write, signed_up = writer(dice), Attributes(created=START - HOUR)
    for at in every(20.0, 900):
        yield Sent(at, chat("a", write(), attributes=signed_up))


def migrated(dice: Random) -> Iterator[Sent]:
    """Move a workload here, to a new key: long records in, labels out."""
    write, signed_up = writer(dice), Attributes(created=START - HOUR)
    label = Outcome(status=200, prompt_tokens=900, completion_tokens=4)
    for at in every(15.0, 900):
        record = " ".join(write() for _ in range(5))
        exchange = chat(
            "a", record, "Sort the message. Answer with one label.", attributes=signed_up
        )
        yield Sent(at, exchange, label)


def pooled(dice: Random) -> Iterator[Sent]:
    """Use one key from forty networks by eight programs."""
    write = writer(dice)
    for at in office(dice, 300, 5):
        program = f"client-{dice.randrange(8)}/1.0"
        yield Sent(at, chat("a", write(), client=client(dice.randrange(40), program)))


def behind_one_address(dice: Random) -> Iterator[Sent]:
    """Use one key in an office: many programs behind one address."""
    write = writer(dice)
    for at in office(dice, 300, 5):
        yield Sent(at, chat("a", write(), client=client(1, f"client-{dice.randrange(8)}/1.0")))


def heavy(dice: Random, plan: str = "pro") -> Iterator[Sent]:
    """Use three million tokens a day."""
    write = writer(dice)
    for at in office(dice, 600, 6):
        yield Sent(at, chat("a", write(), plan=plan), _HEAVY)


def enterprise(dice: Random) -> Iterator[Sent]:
    """Use as much on the plan that is for it."""
    return heavy(dice, "enterprise")


def resold(dice: Random) -> Iterator[Sent]:
    """Carry two dozen strangers' conversations at once, under their own instructions."""
    write = writer(dice)
    instructions = [f"You are the {write()}" for _ in range(24)]
    begun: list[list[str]] = [[] for _ in instructions]
    for at in every(40.0, 600):
        customer = dice.randrange(len(instructions))
        turns = begun[customer]
        turns += ([write()] if turns else []) + [f"{dice.choice(_SCRIPTS)} {write()}"]
        messages = [{"role": "system", "content": instructions[customer]}, *talk(turns)]
        yield Sent(at, chat("a", "", messages=messages))
        if len(turns) > 6:
            turns.clear()


def product(dice: Random) -> Iterator[Sent]:
    """Serve a product's customers at once: one instruction, and each of them is named."""
    write = writer(dice)
    begun: list[list[str]] = [[] for _ in range(24)]
    for at in every(40.0, 600):
        customer = dice.randrange(len(begun))
        turns = begun[customer]
        turns += ([write()] if turns else []) + [write()]
        messages = [{"role": "system", "content": "You help our shop's customers."}, *talk(turns)]
        yield Sent(at, chat("a", "", messages=messages, user=f"u-{customer}"))
        if len(turns) > 6:
            turns.clear()


def scrubbed(dice: Random) -> Iterator[Sent]:
    """Claim a vendor's client without its headers, or none."""
    write = writer(dice)
    for at in every(300.0, 200):
        sender = client(1, dice.choice(("", "OpenAI/Python 3.1")), plain=False)
        yield Sent(at, chat("a", write(), client=sender))


def gateway(dice: Random) -> Iterator[Sent]:
    """Send a company's requests through its gateway, which takes the clients' headers away."""
    write = writer(dice)
    for at in office(dice, 300, 5):
        yield Sent(at, chat("a", write(), client=client(1, "", plain=False)))


def turning(dice: Random, *, elsewhere: bool = True) -> Iterator[Sent]:
    """Come back within seconds when refused, from the next address of a pool."""
    write = writer(dice)
    for number, at in enumerate(every(600.0, 60)):
        text, here = f"{write()} {write()} {write()}", client(number % 9)
        yield Sent(at, chat("a", text, client=here), _REFUSED)
        there = client((number + 1) % 9) if elsewhere else here
        yield Sent(at + 3.0, chat("a", text, client=there))


def routed(dice: Random) -> Iterator[Sent]:
    """Come back within seconds when refused, as a router does: from where it was refused."""
    return turning(dice, elsewhere=False)


def _neighbours(dice: Random) -> Iterator[Sent]:
    """Let eight others use the service for ten days, and try the new model when it comes."""
    write = writer(dice)
    for other in range(8):
        for at in office(dice, 30, 8):
            yield Sent(at, chat(f"n-{other}", write(), model="m-1"))
        for at in every(300.0, 6, START + 8 * DAY + other):
            yield Sent(at, chat(f"n-{other}", write(), model="m-2"))


def pivoting(dice: Random) -> Iterator[Sent]:
    """Move everything to the new model some hours after it came."""
    write = writer(dice)
    yield from _neighbours(dice)
    for at in every(1800.0, 9 * 48):
        yield Sent(at, chat("a", write(), model="m-2" if at > START + 8.3 * DAY else "m-1"))


def release_day(dice: Random) -> Iterator[Sent]:
    """Begin on release day, to benchmark the new model."""
    write = writer(dice)
    yield from _neighbours(dice)
    for at in every(30.0, 300, START + 8.3 * DAY):
        yield Sent(at, chat("a", f"Answer only. {write()}", model="m-2"))


def checked(dice: Random) -> Iterator[Sent]:
    """Ask three fixed questions between the others, again and again."""
    write = writer(dice)
    canaries = [write() for _ in range(3)]
    for number, at in enumerate(every(600.0, 14 * 144)):
        yield Sent(at, chat("a", canaries[number // 5 % 3] if number % 5 == 0 else write()))


def monitor(dice: Random) -> Iterator[Sent]:
    """Watch for drift: the same questions every hour, and nothing else."""
    write = writer(dice)
    suite = [write() for _ in range(6)]
    for hour in range(14 * 24):
        for at, text in zip(every(5.0, 6, START + hour * HOUR), suite, strict=True):
            yield Sent(at, chat("a", text, temperature=0, seed=7))


_PLANS = ConductSettings(plan_tokens={"enterprise": 50_000_000.0})
_LISTED = EngineSettings(account=AccountSettings(conduct=_PLANS))

SCENARIOS = (
    Scenario("round_the_clock", "no rest", sleepless, nightly, "a nightly suite"),
    Scenario("no_ramp", "full rate", at_once, migrated, "a migrated workload", twin_shows=True),
    Scenario("many_clients", "networks", pooled, behind_one_address, "an office behind a NAT"),
    Scenario("throughput", "tokens", heavy, enterprise, "an enterprise plan", settings=_LISTED),
    Scenario("relay", "interleave", resold, product, "a product with customers"),
    Scenario("scrubbed_metadata", "client", scrubbed, gateway, "a gateway", twin_shows=True),
    Scenario("failover", "came again", turning, routed, "a router that retries"),
    Scenario("pivot", "new model", pivoting, release_day, "a release day benchmark"),
    Scenario("countermeasure_probing", "watched", checked, monitor, "a drift monitor"),
)
