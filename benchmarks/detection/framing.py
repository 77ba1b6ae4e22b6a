"""What an operator may do to have somebody else restricted in its place.

A frame takes a campaign's lines, changes them, and writes the victims: a hundred honest accounts
that share with the attackers whatever those took from them.
"""

import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass

from benchmarks.detection.tricks import Dice, Lines, Record
from distillgate_lab.scenarios.clock import START
from distillgate_lab.scenarios.honest.people import talk_for
from distillgate_lab.scenarios.honest.tools import PublicPrompt, prompts_of, tool_user
from distillgate_lab.scenarios.scene import Scene

VICTIMS = 100
FRAMED = "framed"
"""The victims' label."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One way to frame people."""

    name: str
    price: str
    play: Callable[[Scene, Lines, Dice], Iterator[Record]]
    """Yields the attackers' lines; the victims write theirs into the scene."""
    accounts: int = 150
    each: int = 15


FRAMES: list[Frame] = []
Play = Callable[[Scene, Lines, Dice], Iterator[Record]]


def _frame(name: str, price: str, accounts: int = 150, each: int = 15) -> Callable[[Play], None]:
    def register(play: Play) -> None:
        FRAMES.append(Frame(name, price, play, accounts, each))

    return register


def _tool(scene: Scene, start: float) -> PublicPrompt:
    """Let the victims use a tool from some time on, each as a person does."""
    public = prompts_of(scene.corpus, random.Random(scene.seed))[0]._replace(documents=False)
    for _ in range(VICTIMS):
        tool_user(scene, public, start)
    return public


def _under(lines: Lines, system: str) -> Iterator[Record]:
    for line in lines:
        copy = deepcopy(line)
        (*_, task) = copy["request"]["messages"]
        copy["request"]["messages"] = [{"role": "system", "content": system}, task]
        yield copy


@_frame("a public list under a tool's prompt, before its users come", "nothing")
def _before(scene: Scene, lines: Lines, _: Dice) -> Iterator[Record]:
    public = _tool(scene, lines[len(lines) // 2]["ts"])
    yield from _under(lines, public.system)


@_frame("a victim's prompt on 1,000 throwaways", "1,000 accounts", accounts=1000, each=6)
def _throwaways(scene: Scene, lines: Lines, _: Dice) -> Iterator[Record]:
    public = _tool(scene, START)
    yield from _under(lines, public.system)


@_frame("victims' texts, refused to others seconds before", "two requests a text, refused")
def _failover(scene: Scene, lines: Lines, dice: Dice) -> Iterator[Record]:
    yield from lines
    spoken: list[Record] = []
    write, scene.write = scene.write, spoken.append
    for _ in range(VICTIMS):
        talk_for(scene, scene.account(), scene.library.person(), scene.clock.volume())
    scene.write = write
    start, end = lines[0]["ts"], lines[-1]["ts"]
    for line in spoken:
        scene.write(line)
        if not start < line["ts"] < end:
            continue
        for other in dice.sample(lines, 2):
            copy = deepcopy(other)
            copy["ts"] = round(line["ts"] - dice.uniform(1.0, 8.0), 3)
            copy["request"] = deepcopy(line["request"])
            copy["response"] |= {"status": 429, "usage": {}, "text": "", "finish_reason": None}
            yield copy
