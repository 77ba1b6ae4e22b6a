"""Writing a drawn campaign: its accounts, its work, its tricks, as lines of the traffic log."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from benchmarks.detection.drawn import dealing, ring
from benchmarks.detection.drawn.dealing import Slot
from benchmarks.detection.drawn.parameters import CampaignHabits
from benchmarks.detection.tricks import TRICKS
from distillgate_lab.scenarios.account import Account, Call, record
from distillgate_lab.scenarios.campaigns import lists, probing, sessions
from distillgate_lab.scenarios.campaigns.ring import Feed, Job, wrapped, wrapper
from distillgate_lab.scenarios.clock import DAY, START
from distillgate_lab.scenarios.scene import Scene
from distillgate_lab.scenarios.text import Turn

FEEDS: dict[str, Callable[[Scene], Feed]] = {
    "bare": lists.bare,
    "chats": lists.chats,
    "templated": lists.templated,
    "reasoning": lists.reasoning,
    "generated": lists.generated,
    "evolved": lists.evolved,
    "rubric": lists.rubric,
    "sampled": lists.sampled,
    "inside": lists.inside,
    "embeddings": lists.embeddings,
    "trajectories": sessions.trajectories,
    "cleaning": sessions.cleaning,
    "stored": sessions.stored,
    "relay": sessions.relay,
    "cross-session": sessions.cross_session,
    "dialogues": sessions.dialogues,
    "elicitation": probing.search,
    "parameters": probing.parameters,
}
WRAPPABLE = ("bare", "chats")
"""Kinds that have no wording of their own around the items."""
TRAITS = ("account", "plan", "attributes", "client")
"""The fields of a line that tell whose it is."""
LEAST = 2.0
"""Requests of an account at the least, on average."""
_TRICKS = {trick.name: trick for trick in TRICKS}

Record = dict[str, Any]
Wording = Callable[[int, Call], Call]


@dataclass(slots=True)
class Campaign:
    """A campaign as it is before the gate refuses anything of it."""

    label: str
    plan: CampaignHabits
    lines: list[Record]
    """In order of time."""
    reserve: list[Record]
    """Traits of the accounts that are held back."""


def bounded(plan: CampaignHabits, most_accounts: int, most_requests: int) -> CampaignHabits:
    """Return a plan that fits into a world: fewer accounts, then fewer requests of each."""
    accounts = min(plan.accounts, most_accounts)
    each = max(LEAST, min(plan.each, most_requests / accounts))
    wrapper_ = plan.wrapper if plan.kind in WRAPPABLE else "its own"
    return msgspec.structs.replace(plan, accounts=accounts, each=round(each, 2), wrapper=wrapper_)


def write(scene: Scene, sink: list[Record], plan: CampaignHabits, label: str) -> Campaign:
    """Write a campaign; `sink` is where the scene writes its lines."""
    scene.label = label
    latest = scene.clock.days - plan.days - 0.5
    start = START + DAY * scene.dice.uniform(0.5, max(0.6, latest))
    members = ring.accounts(scene, plan, start, plan.accounts)
    held = ring.accounts(scene, plan, start, round(plan.accounts * plan.reserve))
    sink.clear()
    _play(scene, plan, members, start)
    lines = sorted((_scaled(line, plan.output) for line in sink), key=_time)
    lines = sorted(_tricked(plan, lines, scene.dice), key=_time)
    nothing = Call((Turn("user", ""),))
    reserve = [record(account, start, nothing, scene.dice) for account in held]
    return Campaign(label, plan, lines, [{name: r[name] for name in TRAITS} for r in reserve])


def _play(scene: Scene, plan: CampaignHabits, members: Sequence[Account], start: float) -> None:
    dice = scene.dice
    jobs = _jobs(scene, plan)
    counts = dealing.loads(plan, len(jobs), len(members), dice)
    when = dealing.slots(plan, counts, start, scene.clock, dice)
    wording = _wording(scene, plan, len(members))
    for slot, job in zip(when, dealing.deal(plan, jobs, when, dice), strict=True):
        while dice.random() < plan.mix:
            talk = scene.library.conversation()
            scene.converse(members[slot.account], talk, slot.at - dice.uniform(60, 3600), most=1)
        _send(scene, plan, members, slot, job, wording)


def _jobs(scene: Scene, plan: CampaignHabits) -> list[Job]:
    """Return the jobs of a campaign, those that are sent several times in any order."""
    feed = FEEDS[plan.kind](scene)
    found: list[Job] = []
    left = plan.accounts * plan.each * (1.0 - plan.mix)
    while left > 0:
        job = next(feed)
        found += [job] * plan.copies
        left -= len(job.calls) * plan.copies * (1.0 + plan.talk_back)
    if plan.copies > 1:
        scene.dice.shuffle(found)
    return found


def _send(
    scene: Scene,
    plan: CampaignHabits,
    members: Sequence[Account],
    slot: Slot,
    job: Job,
    wording: Wording,
) -> None:
    dice, at, account = scene.dice, slot.at, slot.account
    for call in _talked(scene, plan, [wording(account, call) for call in job.calls]):
        if dice.random() < plan.failover:
            scene.exchange(members[account], at, replace(call, status=429, answer=""))
            account, at = dice.randrange(len(members)), at + dice.uniform(0.5, 8.0)
        scene.exchange(members[account], at, call)
        at += scene.clock.think() if job.hops else dice.uniform(3.0, 40.0)
        if job.hops and dice.random() < job.hops:
            account = dice.randrange(len(members))


def _talked(scene: Scene, plan: CampaignHabits, calls: Sequence[Call]) -> Iterator[Call]:
    """Return the calls, some with a follow-up to the answer."""
    for call in calls:
        yield call
        if len(calls) == 1 and not call.embeds and scene.dice.random() < plan.talk_back:
            later = [turn for turn in scene.library.conversation().turns if turn.role == "user"]
            turns = (*call.turns, Turn("assistant", call.answer), later[-1])
            answer = scene.library.answer()
            yield replace(call, turns=turns, answer=answer, output=scene.tokens(250))


def _wording(scene: Scene, plan: CampaignHabits, accounts: int) -> Wording:
    """Return what puts a campaign's wrapper around a call of an account."""
    dice = scene.dice
    if plan.wrapper == "prompts":
        systems = [" ".join(wrapper(dice)) for _ in range(plan.prompts)]
        return lambda _, call: replace(call, system=dice.choice(systems))
    if plan.wrapper == "personas":
        personas = [scene.library.donor()[:300] for _ in range(accounts)]
        return lambda account, call: replace(call, system=f"You help: {personas[account]}")
    if plan.wrapper in ("paraphrased", "constant"):
        many = accounts if plan.wrapper == "paraphrased" else 1
        said = [wrapper(dice) for _ in range(many)]
        return lambda account, call: replace(call, turns=wrapped(call, said[account % many]))
    return lambda _, call: call


def _scaled(line: Record, factor: float) -> Record:
    """Return a line whose answer is longer or shorter."""
    usage = line["response"]["usage"]
    if "completion_tokens" in usage:
        usage["completion_tokens"] = max(1, round(usage["completion_tokens"] * factor))
    return line


def _time(line: Record) -> float:
    return float(line["ts"])


def _tricked(plan: CampaignHabits, lines: list[Record], dice: random.Random) -> list[Record]:
    """Return the lines as they are after the operator's trick on some accounts' chats."""
    if not plan.tricked:
        return lines
    names = sorted({line["account"] for line in lines})
    clever = {name for name in names if dice.random() < plan.tricked}
    apt = [line for line in lines if line["account"] in clever and "messages" in line["request"]]
    if not apt:
        return lines
    changed = _TRICKS[plan.trick].change(apt, dice)
    kept = {id(line) for line in apt}
    return [*(line for line in lines if id(line) not in kept), *changed]
