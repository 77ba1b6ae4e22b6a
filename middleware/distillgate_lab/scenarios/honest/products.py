"""Accounts with somebody else's users behind them."""

from distillgate_lab.scenarios.account import Account, Call
from distillgate_lab.scenarios.honest.people import talk_for
from distillgate_lab.scenarios.honest.tools import prompts_of
from distillgate_lab.scenarios.infrastructure import Stack
from distillgate_lab.scenarios.library import Shelf
from distillgate_lab.scenarios.scene import Scene
from distillgate_lab.scenarios.text import Turn


def _own_prompt(scene: Scene) -> str:
    """Return a product's system prompt that nobody else has."""
    public = scene.dice.choice(prompts_of(scene.corpus, scene.library.dice))
    return scene.library.say(public.system[:1500], scene.library.donor())


def front_ends(scene: Scene, accounts: int) -> None:
    """Serve end users who share one key; the product names them in `end_user`."""
    for _ in range(accounts):
        account = scene.account(scene.internet.company("business", 6))
        system = _own_prompt(scene)
        for user in range(scene.clock.number(30, 10, 120)):
            person = scene.library.person(habits=2)
            left = scene.clock.volume(5, 1, 20)
            while left > 0:
                at = scene.clock.person(1)[0]
                talk = person.conversation()
                left -= max(
                    1,
                    scene.converse(
                        account, talk, at, most=left, system=system, end_user=f"u-{user}"
                    ),
                )


def resellers(scene: Scene, accounts: int) -> None:
    """Resell to other people's programs: an end user is named on every request."""
    for _ in range(accounts):
        account = scene.account(scene.internet.company("business", 8), parameters={})
        tools = prompts_of(scene.corpus, scene.dice)
        for tenant in range(scene.clock.number(40, 15, 100)):
            person = scene.library.person(habits=2)
            system = scene.dice.choice(tools).system if scene.dice.random() < 0.5 else None
            left = scene.clock.volume(8, 2, 40)
            while left > 0:
                at = scene.clock.person(1)[0]
                talk = person.conversation()
                left -= max(
                    1,
                    scene.converse(
                        account, talk, at, most=left, system=system, end_user=f"t-{tenant}"
                    ),
                )


_QUESTIONS = (
    "What does this say about {}?",
    "Summarise what matters for {}.",
    "Is {} mentioned, and where?",
    "Who is responsible for {} here?",
    "How does {} relate to the rest?",
    "List the steps that concern {}.",
)
_FRAMEWORKS = (
    """Use the following pieces of context to answer the question at the end. If you don't know the
answer, just say that you don't know, don't try to make up an answer.

{context}

Question: {question}
Helpful Answer:""",
    """Context information is below.
---------------------
{context}
---------------------
Given the context information and not prior knowledge, answer the query.
Query: {question}
Answer: """,
    """Answer from the documents only and cite them.
<documents>
{context}
</documents>
<question>{question}</question>""",
)


def retrieval(scene: Scene, accounts: int) -> None:
    """Retrieve with one template: own documents, questions of people, medium answers."""
    for number in range(accounts):
        account = scene.account(scene.internet.company("team", 3))
        framework = _FRAMEWORKS[number % len(_FRAMEWORKS)]
        own = scene.library.shelf()
        shelf = [own.document(1800) for _ in range(scene.dice.randrange(4, 12))]
        if scene.dice.random() < 0.4:
            _embed(scene, account, own)
        person = scene.library.person(habits=3, settled=True)
        for at in scene.clock.person(scene.clock.volume(50, 15, 200)):
            if scene.dice.random() < 0.6:
                question = person.turns(1)[0][:400]
            else:
                word = scene.dice.choice(scene.dice.choice(shelf).split() or ["this"])
                question = scene.dice.choice(_QUESTIONS).format(word.strip(".,;:()"))
            context = "\n\n".join(scene.dice.sample(shelf, 2))
            prompt = framework.format(context=context, question=question)
            scene.ask(account, at, prompt, tokens=220)


def _embed(scene: Scene, account: Account, shelf: Shelf) -> None:
    """Put one's documents into an index: a backfill of embeddings in one go."""
    for at in scene.clock.run(scene.dice.randrange(20, 120), scene.clock.person(1)[0]):
        parts = tuple(Turn("user", shelf.document(800)) for _ in range(4))
        scene.exchange(account, at, Call(parts, path="/v1/embeddings"))


def gateways(scene: Scene, accounts: int) -> None:
    """Put a firm's programs behind one account that scrubs their metadata."""
    plain = Stack("gateway", ("host", "content-type", "authorization"), "t13d0300h2_000000000000")
    for _ in range(accounts):
        identity = scene.internet.company("business", 2)
        identity.stack = plain
        account = scene.account(identity, parameters={})
        for _ in range(scene.clock.number(14, 6, 60)):
            system = _own_prompt(scene) if scene.dice.random() < 0.5 else None
            person = scene.library.person(habits=2, settled=scene.dice.random() < 0.5)
            talk_for(scene, account, person, scene.clock.volume(10, 3, 40), system)
