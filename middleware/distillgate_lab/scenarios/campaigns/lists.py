"""Work lists: many items through one prompt, or through none."""

from collections.abc import Iterator

from distillgate_lab.scenarios.account import Call, ask
from distillgate_lab.scenarios.campaigns.ring import Feed, Job
from distillgate_lab.scenarios.honest.tools import (
    PublicPrompt,
    popular,
    tool_parameters,
    tool_stack,
)
from distillgate_lab.scenarios.infrastructure import Stack
from distillgate_lab.scenarios.scene import Scene
from distillgate_lab.scenarios.text import Family, Item
from distillgate_lab.scenarios.wording import choices, sentences

_BARE = 300
"""Characters of opening below which a pool's items are bare questions."""


def _pool(scene: Scene, *, bare: bool | None = None) -> Family:
    """Draw one of the corpus' work lists."""
    pools = [p for p in scene.corpus.pools if bare is None or (p.opening < _BARE) is bare]
    return scene.dice.choice(pools or scene.corpus.pools)


def _call(scene: Scene, prompt: str, system: str = "", tokens: int = 600) -> Job:
    answer = scene.library.answer(500)
    return Job((ask(prompt, system, output=scene.tokens(tokens), answer=answer),))


def _stripped(pool: Family, item: Item) -> str:
    """Take the shared lines off an item, and the letters that head a question."""
    lines = [line for line in item.prompt.split("\n") if line.strip() not in pool.fixed]
    text = "\n".join(lines).strip() or item.prompt
    for head in ("Q:", "Question:"):
        text = text.removeprefix(head).strip()
    for tail in ("A:", "Let's think step by step."):
        text = text.removesuffix(tail).strip()
    return text


def templated(scene: Scene) -> Feed:
    """Send one of the published generators' requests as they are."""
    pool = _pool(scene)
    for item in scene.library.pool(pool):
        yield _call(scene, item.prompt, item.system)


def generated(scene: Scene) -> Feed:
    """Have new instructions made from a long fixed opening and a few seeds (self-instruct)."""
    pool = _pool(scene, bare=False)
    for item in scene.library.pool(pool):
        yield _call(scene, item.prompt, item.system, 1200)


_EVOLVE = """I want you to act as a prompt rewriter. Your objective is to rewrite the given prompt
into a more complex one that famous AI systems find harder to handle, but that humans understand.
Add one more constraint or requirement. Do not make it verbose: add 10 to 20 words only.
Then answer the rewritten prompt.
#Given Prompt#:
{}
#Rewritten Prompt#:
"""


def evolved(scene: Scene) -> Feed:
    """Have instructions evolved, and answered."""
    for text in bare_items(scene):
        yield _call(scene, _EVOLVE.format(text), tokens=900)


def bare_items(scene: Scene) -> Iterator[str]:
    """Return items without anything around them."""
    pool = _pool(scene, bare=True)
    for item in scene.library.pool(pool, bare=True):
        yield _stripped(pool, item)


_EXTRACT = choices("""
You are|Act as|Take the role of
an expert analyst|a senior analyst|a domain expert|a seasoned specialist
who combines rigour with deep domain knowledge|known for rigour and for clear thinking

Before|Ahead of|Prior to
the answer, write|your answer, put down|the result, set out
your complete and transparent reasoning|every step of your reasoning|the whole chain of thought
between <reasoning> and </reasoning>|inside <thoughts> tags|under the heading REASONING

Leave nothing out|Do not summarise|Keep every step that led you there

Then write|After that give|Finally state
the answer between <answer> and </answer>|the final answer on a line of its own
""")


def reasoning(scene: Scene) -> Feed:
    """Inject one fixed prompt, the campaign's own, that forces the reasoning into the text."""
    system = "\n".join(scene.wording(sentences(_EXTRACT, scene.dice)))
    for text in bare_items(scene):
        yield _call(scene, text, system, 900)


def bare(scene: Scene) -> Feed:
    """Send the items with nothing shared around them."""
    for text in bare_items(scene):
        yield _call(scene, text)


_RUBRIC = """You are a strict grader. Score each response from 1 to 5 on each criterion:
correctness, helpfulness, instruction following, honesty.
Explain each score in two sentences before you give it.

[Instruction]
{}

[Response A]
{}

[Response B]
{}

[Scores]
"""


def rubric(scene: Scene) -> Feed:
    """Have pairs of answers graded on one rubric: a reward model's training set."""
    for text in bare_items(scene):
        first, second = scene.library.answer(600), scene.library.answer(600)
        yield _call(scene, _RUBRIC.format(text, first, second), tokens=250)


def disguise(scene: Scene) -> PublicPrompt:
    """Return the most popular tool of this very world."""
    return popular(scene.corpus, scene.seed.split("/")[0], 1_000)[0][0]


def tool_client(scene: Scene) -> Stack:
    """Return that tool's client program."""
    return tool_stack(disguise(scene))


def inside(scene: Scene) -> Feed:
    """Hide the items under the prompt of the most popular tool of this very world."""
    public = disguise(scene)
    for text in bare_items(scene):
        job = _call(scene, text, public.for_user(scene.dice))
        job.calls[0].parameters = tool_parameters(public)
        yield job


def sampled(scene: Scene) -> Feed:
    """Send every item eight times, over different accounts: rejection sampling."""
    feed = reasoning(scene)
    while True:
        batch = [next(feed) for _ in range(400)] * 8
        scene.dice.shuffle(batch)
        yield from batch


def chats(scene: Scene) -> Feed:
    """Send what real people asked somewhere else, one question at a time."""
    while True:
        talk = scene.library.conversation()
        first = next(turn.content for turn in talk.turns if turn.role == "user")
        yield _call(scene, first, tokens=350)


def embeddings(scene: Scene) -> Feed:
    """Harvest embeddings, sixteen texts at a time."""
    items = bare_items(scene)
    while True:
        texts = tuple(ask(next(items)).turns[0] for _ in range(16))
        yield Job((Call(texts, path="/v1/embeddings"),))
