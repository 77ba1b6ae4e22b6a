"""Popular tools and public prompts: thousands of unrelated accounts, one system prompt each."""

import random
from typing import NamedTuple

from distillgate_lab.scenarios.account import Account, Call
from distillgate_lab.scenarios.clock import DAY, HOUR, START
from distillgate_lab.scenarios.honest.people import talk_for
from distillgate_lab.scenarios.infrastructure import Internet, Stack
from distillgate_lab.scenarios.scene import Scene
from distillgate_lab.scenarios.text import Corpus, Turn

_SIZES = (2000, 1200, 900, 700, 500, 400, 300, 200, 150, 100, 80, 50)
_PLATFORMS = ("linux", "darwin", "win32")
_KINDS = ((0.3, (2, 3, 4)), (0.0, (3, 4, 6)), (0.8, (1, 2)))
"""From chat personas, whose users differ little, to tools of work, whose users differ much."""
_LAUNCH = START + 5 * DAY


class PublicPrompt(NamedTuple):
    """A system prompt that many use; `documents` where they send it documents instead of talk."""

    system: str
    documents: bool
    settled: float = 0.5
    """Share of its users who have one subject: high for a tool of work, low for a chat persona."""
    habits: tuple[int, ...] = (1, 2, 3)
    """How many people's manners a user of it is put together from: many blur the differences."""
    environment: bool = False
    """Whether the tool adds lines about its user's machine."""

    def for_user(self, dice: random.Random) -> str:
        """Return the system prompt as the tool sends it for one user."""
        if not self.environment:
            return self.system
        home = f"/home/{dice.getrandbits(24):06x}"
        lines = (f"Working directory: {home}", f"Platform: {dice.choice(_PLATFORMS)}")
        return "\n".join((self.system, *lines, f"Today is day {dice.randrange(1, 366)}."))


def prompts_of(corpus: Corpus, dice: random.Random) -> list[PublicPrompt]:
    """Return the corpus' public prompts, in an order of the world's own."""
    found = []
    for family in corpus.public:
        lengths = sorted(len(item.prompt) for item in family.items)
        system = family.items[0].system[:6000]
        if len(system) >= 200:
            found.append(PublicPrompt(system, lengths[len(lengths) // 2] >= 1500))
    found += [
        PublicPrompt(t.system[:6000], documents=False)
        for t in corpus.conversations[:40]
        if t.system
    ]
    found = list(dict.fromkeys(found))
    dice.shuffle(found)
    return found


def popular(corpus: Corpus, world: str, accounts: int) -> list[tuple[PublicPrompt, int]]:
    """Return a world's popular tools and how many use each: the same for everybody who asks."""
    prompts = prompts_of(corpus, random.Random(f"{world}/tools"))
    found: list[tuple[PublicPrompt, int]] = []
    left = accounts
    while left >= 20 or not found:
        size = next((size for size in _SIZES if size <= max(left // 2, 50)), _SIZES[-1])
        size = min(size, max(left, 1))
        prompt = prompts[len(found) % len(prompts)]
        settled, habits = _KINDS[len(found) % len(_KINDS)]
        environment = len(found) % 2 == 1
        kind = prompt._replace(settled=settled, habits=habits, environment=environment)
        found.append((kind, size))
        left -= size
    return found


def users(scene: Scene, accounts: int) -> None:
    """Use popular tools: each a person with a subject, a manner and documents of their own."""
    for public, size in popular(scene.corpus, scene.seed.split("/")[0], accounts):
        stack, sends = tool_stack(public), tool_parameters(public)
        for _ in range(size):
            _user(scene, public, stack, sends, START)


def tool_stack(public: PublicPrompt) -> Stack:
    """Return the client program of a tool: the same for all its users."""
    return Internet(random.Random(public.system[:200])).stack()


def tool_parameters(public: PublicPrompt) -> dict[str, object]:
    """Return the parameters a tool sends for all its users."""
    dice = random.Random(public.system[:200])
    return {
        "temperature": dice.choice((0, 0.2, 0.7)),
        "max_tokens": dice.choice((1024, 2048, 4096)),
    }


def launch(scene: Scene, accounts: int) -> None:
    """Launch a tool: everybody signs up within a day or two, on one client, and tries it."""
    public = prompts_of(scene.corpus, scene.dice)[0]
    name = scene.library.say(public.system, scene.library.donor())
    public = public._replace(system=name)
    stack, sends = tool_stack(public), tool_parameters(public)
    for _ in range(accounts):
        _user(scene, public, stack, sends, _LAUNCH + scene.dice.expovariate(1 / DAY))


def tool_user(scene: Scene, public: PublicPrompt, start: float) -> None:
    """Let somebody use a tool from some time on."""
    _user(scene, public, tool_stack(public), tool_parameters(public), start)


def _user(
    scene: Scene, public: PublicPrompt, stack: Stack, sends: dict[str, object], start: float
) -> None:
    identity = scene.internet.person()
    identity.stack = stack
    if start > START:
        identity.created = start - scene.dice.uniform(0.0, HOUR)
    account = scene.account(identity, parameters=sends)
    count = scene.clock.volume()
    system = public.for_user(scene.dice)
    if public.documents:
        shelf = scene.library.shelf()
        for at in scene.clock.person(min(count, 25), min(start, scene.clock.end - 2 * DAY)):
            scene.ask(account, at, shelf.document(), system, tokens=500)
        return
    person = scene.library.person(
        habits=scene.dice.choice(public.habits), settled=scene.dice.random() < public.settled
    )
    if start <= START:
        talk_for(scene, account, person, count, system)
        return
    left, at = count, start
    while left > 0:
        left -= max(1, scene.converse(account, person.conversation(), at, most=left, system=system))
        at += scene.dice.expovariate(1 / DAY)


_AGENT = """You are a coding agent working in the user's repository. You plan, you edit files with
the tools given, you run the tests, and you stop when they pass. Keep changes small.
Do not touch files that are not asked for. Show a diff for every edit.
Ask before you delete anything. Never print secrets."""


def agents(scene: Scene, accounts: int) -> None:
    """Let coding agents work: a long shared prefix, one's own repository, a growing history."""
    headers = ("host", "user-agent", "accept", "x-app", "content-type")
    stack = Stack("agent-cli/2.4.1 node/22", headers, "t13d05")
    for _ in range(accounts):
        identity = scene.internet.person()
        identity.stack = stack
        account = scene.account(identity, parameters={"max_tokens": 8192, "stream": True})
        person = scene.library.person(habits=2, settled=True)
        shelf = scene.library.shelf()
        repository = [shelf.document(900) for _ in range(3)]
        left = scene.clock.volume(14, 6, 80)
        for at in scene.clock.person(max(1, left // 8)):
            steps = min(left, scene.dice.randrange(3, 14))
            left -= steps
            _episode(scene, account, at, person.turns(1)[0], repository, steps)


def _episode(
    scene: Scene, account: Account, at: float, task: str, repository: list[str], steps: int
) -> None:
    """Let an agent work on one task: every step carries all earlier ones."""
    prefix = f"{_AGENT}\n\n# Repository\n{repository[0][:600]}"
    turns = [Turn("user", task)]
    for _ in range(steps):
        answer = scene.library.answer(300)
        scene.exchange(account, at, Call(tuple(turns), prefix, scene.tokens(180), answer))
        source = scene.dice.choice(repository)
        cut = scene.dice.randrange(max(1, len(source) - 400))
        result = f"Tool result:\n{source[cut : cut + 400]}"
        turns += [Turn("assistant", answer), Turn("user", result)]
        at += scene.dice.lognormvariate(2.5, 1.0)
