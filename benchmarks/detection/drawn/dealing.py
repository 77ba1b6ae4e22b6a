"""How a campaign's work is dealt: how much an account gets, when, and which of it."""

import math
import random
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.detection.drawn.parameters import CampaignHabits
from distillgate_lab.scenarios.campaigns.ring import Job
from distillgate_lab.scenarios.campaigns.shards import by_subject
from distillgate_lab.scenarios.clock import DAY, Clock


class Slot(NamedTuple):
    """A time at which an account does a job."""

    at: float
    account: int


def loads(plan: CampaignHabits, jobs: int, accounts: int, dice: random.Random) -> list[int]:
    """Return how many of the jobs each account gets."""
    if plan.load == "quota":
        return [jobs // accounts + (index < jobs % accounts) for index in range(accounts)]
    weights = [1.0] * accounts
    if plan.load == "log-normal":
        weights = [dice.lognormvariate(0.0, plan.unevenness) for _ in range(accounts)]
    elif plan.load == "dirichlet":
        weights = [
            dice.gammavariate(math.exp(1.5 - 2 * plan.unevenness), 1.0) + 1e-9 for _ in weights
        ]
    dealt = Counter(dice.choices(range(accounts), weights, k=jobs))
    return [dealt[index] for index in range(accounts)]


def slots(
    plan: CampaignHabits, counts: Sequence[int], start: float, clock: Clock, dice: random.Random
) -> list[Slot]:
    """Return when every account does its jobs, in order of time."""
    length = plan.days * DAY
    width = max(length * plan.window, 3_600.0)
    found: list[Slot] = []
    for index, count in enumerate(counts):
        left = count
        place = index / max(1, len(counts) - 1) if plan.in_turn else dice.random()
        opens = start + place * max(0.0, length - width)
        sittings = math.ceil(count / plan.sitting)
        personal = width > DAY and dice.random() < plan.personal_hours
        draw = clock.person if personal else clock.steady
        times = draw(sittings, opens, opens + width) if sittings else []
        for begins in times:
            at = begins
            for _ in range(min(plan.sitting, left)):
                found.append(Slot(at, index))
                at += dice.uniform(3.0, 60.0)
            left -= plan.sitting
    return sorted(found)


def deal(
    plan: CampaignHabits, jobs: Sequence[Job], when: Sequence[Slot], dice: random.Random
) -> list[Job]:
    """Return the job of each slot: at random, sorted by subject, or drifting through subjects."""
    if plan.order == "random" or len(jobs) < 2:
        return list(jobs)
    chosen = [dice.random() < plan.order_strength for _ in jobs]
    ordered = _blocks([job for job, sort in zip(jobs, chosen, strict=True) if sort], plan.block)
    places = [at for at, sort in enumerate(chosen) if sort]
    if plan.order == "sorted":
        places = _by_account(places, when, plan.block, dice)
    found = list(jobs)
    for place, job in zip(places, (job for block in ordered for job in block), strict=True):
        found[place] = job
    return found


def _blocks(jobs: Sequence[Job], size: int) -> list[list[Job]]:
    texts = [job.calls[0].turns[-1].content for job in jobs]
    return [[jobs[i] for i in shard] for shard in by_subject(texts, size)] if jobs else []


def _by_account(
    places: Sequence[int], when: Sequence[Slot], block: int, dice: random.Random
) -> list[int]:
    """Order slots so that one account's lie together, in runs of a block, runs in any order."""
    own = sorted(places, key=lambda place: (when[place].account, place))
    runs: list[list[int]] = []
    for place in own:
        same = runs and when[runs[-1][0]].account == when[place].account
        if same and len(runs[-1]) < block:
            runs[-1].append(place)
        else:
            runs.append([place])
    dice.shuffle(runs)
    return [place for run in runs for place in run]
