"""What is drawn: the habits of a world, of a campaign, of a company, of a crowd."""

from typing import Annotated

import msgspec

from benchmarks.detection.drawn.priors import Choice, LogUniform, Often, Pareto, Uniform, evenly
from benchmarks.detection.tricks import TRICKS

NATURAL = "nothing"


class WorldHabits(msgspec.Struct, frozen=True):
    """What all honest accounts of a world have in common."""

    honest: Annotated[int, Pareto(1_000, 20_000)]
    """Honest accounts. With 3,150 on average, 500 worlds are an afternoon of two cores."""
    days: Annotated[int, Choice(((14, 8.0), (21, 1.5), (30, 0.5)))]
    volume: Annotated[float, LogUniform(0.1, 1.0)]
    """Factor of what an account sends in all."""
    spread: Annotated[float, Uniform(0.6, 1.4)]
    """Log-normal sigma of what an account sends."""
    talk: Annotated[float, Uniform(0.4, 1.0)]
    """Probability that a conversation goes on after a request."""
    tilt: Annotated[float, Uniform(0.2, 1.5)]
    """Log-normal sigma of the classes' sizes."""
    present: Annotated[float, Uniform(0.5, 1.0)]
    """Probability that the world has accounts of a class."""
    campaigns: Annotated[int, Choice(((0, 0.2), (1, 0.45), (2, 0.25), (3, 0.1)))]
    work: Annotated[float, LogUniform(2.0, 40.0)]
    """Requests of all its campaigns at most, to one honest account. What is done before the first
    alarm is a large part of a small campaign and next to nothing of an industrial one."""
    permuted: Annotated[str, Choice(((NATURAL, 0.94), ("identities", 0.03), ("clocks", 0.03)))]
    """What is shuffled among the accounts of a class; such worlds have no campaign."""


KINDS = (
    ("bare", 5.0),
    ("chats", 2.0),
    ("templated", 1.5),
    ("reasoning", 1.5),
    ("generated", 1.0),
    ("evolved", 1.0),
    ("rubric", 1.0),
    ("sampled", 1.0),
    ("inside", 1.0),
    ("embeddings", 1.0),
    ("trajectories", 1.0),
    ("cleaning", 1.0),
    ("stored", 1.0),
    ("relay", 1.0),
    ("cross-session", 1.0),
    ("dialogues", 1.0),
    ("elicitation", 1.0),
    ("parameters", 1.0),
)


class CampaignHabits(msgspec.Struct, frozen=True):
    """How the operator of a campaign works; `benchmarks.detection.single` has single accounts."""

    kind: Annotated[str, Choice(KINDS)]
    accounts: Annotated[int, LogUniform(30, 2_000, whole=True)]
    each: Annotated[float, LogUniform(3, 1_000)]
    """Requests of an account on average; the world's size bounds both."""
    days: Annotated[float, LogUniform(1.0, 12.0)]
    load: Annotated[str, evenly("quota", "even", "log-normal", "dirichlet")]
    """How the work is spread over the accounts."""
    unevenness: Annotated[float, Uniform(0.1, 1.5)]
    """Log-normal sigma of the accounts' weights; its exponential is the Dirichlet's."""
    window: Annotated[float, Often(1.0, 0.4, LogUniform(0.03, 1.0))]
    """Part of the campaign's days during which one account is used."""
    in_turn: Annotated[float, Choice(((0.0, 0.7), (1.0, 0.3)))]
    """Whether the windows follow one another in the order of the accounts."""
    personal_hours: Annotated[float, Often(0.0, 0.4, Uniform(0.0, 1.0))]
    """Share of the accounts that keep a person's hours."""
    sitting: Annotated[int, Often(1, 0.5, LogUniform(2, 40, whole=True))]
    """Requests of one sitting."""
    order: Annotated[str, Choice((("random", 0.4), ("sorted", 0.3), ("drifting", 0.3)))]
    """Sorted: an account gets blocks of one subject. Drifting: subject changes with time."""
    order_strength: Annotated[float, Uniform(0.1, 1.0)]
    """Share of the list that is sorted."""
    block: Annotated[int, LogUniform(3, 60, whole=True)]
    """Items of one block of a sorted list."""
    copies: Annotated[int, Choice(((1, 0.8), (2, 0.12), (4, 0.08)))]
    """Accounts through which an item is sent."""
    talk_back: Annotated[float, Often(0.0, 0.5, Uniform(0.0, 0.6))]
    """Share of the answers that a follow-up is sent to."""
    wrapper: Annotated[str, evenly("none", "paraphrased", "constant", "prompts", "personas")]
    """What stands around the items of a bare list."""
    prompts: Annotated[int, LogUniform(2, 30, whole=True)]
    """Number of different system prompts, where there are several."""
    mix: Annotated[float, Often(0.0, 0.5, Uniform(0.02, 0.6))]
    """Share of ordinary traffic."""
    trick: Annotated[str, evenly(*(trick.name for trick in TRICKS))]
    """The trick that the operator knows."""
    tricked: Annotated[float, Often(0.0, 0.6, Uniform(0.2, 1.0))]
    """Share of the accounts that use it."""
    failover: Annotated[float, Often(0.0, 0.7, LogUniform(0.005, 0.1))]
    """Share of the requests that the service turns away; another account sends them again."""
    output: Annotated[float, LogUniform(0.1, 3.0)]
    """Factor of the answers' lengths."""
    reaction: Annotated[str, evenly("none", "stop", "fail over", "rotate", "slow down")]
    """What the operator does when an account is refused."""
    patience: Annotated[int, LogUniform(1, 20, whole=True)]
    """Refusals of an account before the operator reacts."""
    reserve: Annotated[float, Often(0.0, 0.5, Uniform(0.0, 1.0))]
    """Accounts held back to replace refused ones, to each in use."""
    per_card: Annotated[int, Often(1, 0.4, LogUniform(2, 60, whole=True))]
    """Accounts to one of the operator's cards."""
    own_cards: Annotated[float, Uniform(0.0, 1.0)]
    """Share of the accounts whose card nothing else shares."""
    own_network: Annotated[float, Often(1.0, 0.4, Uniform(0.0, 1.0))]
    """Share of the accounts with an address like honest customers'."""
    own_client: Annotated[float, Often(1.0, 0.4, Uniform(0.0, 1.0))]
    """Share of the accounts with a client program like honest customers'."""
    old: Annotated[float, Often(1.0, 0.4, Uniform(0.0, 1.0))]
    """Share of the accounts that signed up when honest customers do, not together."""


class CompanyHabits(msgspec.Struct, frozen=True):
    """A company that runs its own work over several keys and does not say so."""

    keys: Annotated[int, LogUniform(6, 30, whole=True)]
    task: Annotated[str, evenly("labels", "retrieval", "support")]
    one_card: Annotated[float, Often(0.0, 0.15, Uniform(0.5, 1.0))]
    """Share of the keys that pay with one card."""
    one_network: Annotated[float, Often(0.0, 0.15, Uniform(0.5, 1.0))]
    """Share of the keys that call from one block of addresses."""
    new: Annotated[float, Often(0.0, 0.7, Uniform(0.0, 1.0))]
    """Share of the keys that are less than a fortnight old."""
    each: Annotated[float, LogUniform(8, 60)]
    """Requests of a key on average."""
    unevenness: Annotated[float, Uniform(0.0, 1.5)]
    nightly: Annotated[float, Often(0.0, 0.5, Uniform(0.0, 1.0))]
    """Share of the work that runs at one hour of the day."""
    shared_system: Annotated[float, Choice(((1.0, 0.7), (0.0, 0.3)))]
    """Whether all keys have one system prompt."""


class CrowdHabits(msgspec.Struct, frozen=True):
    """Unrelated customers who use one thing: a tool, a public data set, a pool of probes."""

    accounts: Annotated[int, LogUniform(15, 300, whole=True)]
    items: Annotated[int, LogUniform(40, 1_500, whole=True)]
    """Texts of the public data set."""
    each: Annotated[float, LogUniform(4, 60)]
    spread: Annotated[float, Uniform(0.2, 1.3)]
    part: Annotated[float, Often(1.0, 0.5, Uniform(0.05, 1.0))]
    """Part of the data set that one account looks at: next to each other in it."""
    template: Annotated[float, Choice(((1.0, 0.7), (0.0, 0.3)))]
    """Whether the tool puts its own words around an item."""
    client: Annotated[float, Often(1.0, 0.5, Uniform(0.0, 1.0))]
    """Share with the tool's client program."""
    repeats: Annotated[int, Often(1, 0.6, LogUniform(2, 12, whole=True))]
    """Times that the same items are sent again on later days."""
    sitting: Annotated[int, LogUniform(1, 60, whole=True)]
    """Requests of one sitting."""
    output: Annotated[float, LogUniform(3, 600)]
    """Median output tokens."""
    launched: Annotated[float, Choice(((0.0, 0.8), (1.0, 0.2)))]
    """Whether all come within two days."""
