"""A harvest of what cannot be read: one template over many accounts, and its honest twins."""

import base64
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from tests.engine.conftest import ANSWER, Start, World

from distillgate.dialects.chat import CHAT
from distillgate.policy.decision import Decision
from distillgate.wire.exchange import Client, Exchange
from distillgate.wire.request import from_document

CAPTION = (
    "You describe pictures for people who cannot see them.\n"
    "Name what is in the foreground first, then the background.\n"
    "Say what is written in the picture, word by word.\n"
    "Do not guess who is shown.\n"
    "Answer in three sentences."
)
PART = Callable[[bytes], dict[str, Any]]


def coded(data: bytes) -> str:
    return base64.b64encode(data).decode()


PARTS: dict[str, Callable[[bytes], dict[str, Any]]] = {
    "a data URL": lambda data: {
        "type": "image_url",
        "image_url": {"url": f"data:image/png;base64,{coded(data)}"},
    },
    "an address": lambda data: {
        "type": "image_url",
        "image_url": {"url": f"https://pictures.example/{data.hex()}.png"},
    },
    "a file's name": lambda data: {"type": "file", "file": {"file_id": f"file-{data.hex()[:24]}"}},
    "sound": lambda data: {
        "type": "input_audio",
        "input_audio": {"data": coded(data), "format": "wav"},
    },
    "a kind that nobody knows": lambda data: {
        "type": "hologram_embeds",
        "hologram_embeds": {"rays": [coded(data)]},
    },
}


def ask(
    world: World, account: str, part: dict[str, Any], *before: dict[str, Any], text: str = CAPTION
) -> Decision:
    """Send one picture with the template, and have it answered."""
    turn = {"role": "user", "content": [{"type": "text", "text": text}, part]}
    document = {"model": "m", "messages": [*before, turn]}
    exchange = Exchange(
        account,
        from_document(CHAT, document),
        client=Client(user_agent="OpenAI/Python 3.1"),
    )
    decision = world.engine.begin(exchange, world.now)
    world.engine.finish(decision, ANSWER, world.now + 1.0)
    world.now += world.random.expovariate(1 / 20)
    return decision


def pictures(dice: Random) -> Iterator[bytes]:
    while True:
        yield dice.randbytes(600)


def restricted(
    world: World, senders: list[str], part: PART, start: int = 0, text: str = CAPTION
) -> set[str]:
    """Let accounts send a picture each, in this order; return who is restricted."""
    new = pictures(Random(7))
    return {
        name
        for number, name in enumerate(senders)
        if ask(world, name, part(next(new)), text=text).action.restricts and number >= start
    }


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS.keys())
def test_pictures_dealt_over_many_accounts_are_one_operators(start: Start, part: PART) -> None:
    world = start(3)
    accounts = [f"c-{number}" for number in range(60)]
    senders = world.random.choices(accounts, k=1500)

    assert len(restricted(world, senders, part, start=900)) >= 0.95 * len(accounts)


@pytest.mark.parametrize("text", ["Do it.", "?", "\u89e3\u3051"])
def test_so_are_pictures_that_hold_the_whole_task_with_a_word_beside(
    start: Start, text: str
) -> None:
    world = start(3)
    accounts = [f"c-{number}" for number in range(60)]
    senders = world.random.choices(accounts, k=1500)

    found = restricted(world, senders, PARTS["a data URL"], start=900, text=text)

    assert len(found) >= 0.95 * len(accounts)


def test_one_customer_with_one_template_is_nobodys_campaign(start: Start) -> None:
    assert restricted(start(3), ["ocr"] * 1500, PARTS["a data URL"]) == set()


@pytest.mark.parametrize("text", [CAPTION, "What?"])
def test_users_of_one_tool_send_as_people_do_and_stay_free(start: Start, text: str) -> None:
    world = start(3)
    people = [f"p-{number}" for number in range(150)]
    loads = [world.random.lognormvariate(0.0, 0.8) for _ in people]

    senders = world.random.choices(people, loads, k=1500)

    assert restricted(world, senders, PARTS["a data URL"], text=text) == set()


def test_who_asks_about_the_same_pictures_as_others_stays_free(start: Start) -> None:
    world = start(3)
    shared = [Random(5).randbytes(600) for _ in range(20)]
    people = [f"p-{number}" for number in range(60)]
    part = PARTS["a data URL"]
    found = [
        ask(world, name, part(world.random.choice(shared)))
        for name in world.random.choices(people, k=1500)
    ]

    assert [one for one in found if one.action.restricts] == []


def test_agents_that_look_at_a_screen_step_by_step_stay_free(start: Start) -> None:
    world = start(3)
    new = pictures(Random(7))
    talks: dict[str, list[dict[str, Any]]] = {f"a-{number}": [] for number in range(40)}
    found = []
    for name in world.random.choices(list(talks), k=1200):
        talk = talks[name]
        part = PARTS["a data URL"](next(new))
        found.append(ask(world, name, part, *talk))
        talk.append({"role": "user", "content": [{"type": "text", "text": CAPTION}, part]})
        talk.append({"role": "assistant", "content": f"Click {world.random.random()}."})
        if len(talk) > 8:
            talk.clear()

    assert [one for one in found if one.action.restricts] == []
