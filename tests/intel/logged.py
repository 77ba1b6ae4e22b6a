"""A log of a campaign among people, and the report that is made of it."""

from pathlib import Path
from random import Random
from typing import Any

import orjson
from tests.cli.conftest import Run
from tests.engine.conftest import ANSWER, World, chat, lexicon, make_engine

from distillgate.traffic.log import encode
from distillgate.wire.exchange import Client, Exchange

RULES = "Please mark this short answer, and say in two lines why.\nThink before you decide, slowly."


def write(path: Path, *, campaign: int = 30, texts: int = 600, seed: int = 1) -> list[Exchange]:
    """Write one operator's list, dealt to accounts, among people; give all exchanges."""
    random = Random(seed)
    world = World(make_engine(), random, words=lexicon(random, 4000))
    people = [world.person() for _ in range(20)]
    sent = []
    for number, text in enumerate(world.work_list(texts)):
        client = Client(ip=f"93.184.{number % 2}.{number % 200}", user_agent="OpenAI/Python 3.1")
        account = f"customer-{random.randrange(campaign)}@example.com"
        sent.append(chat(account, f"{RULES}\n{text}", client=client))
        if number % 4 == 0:
            person = random.randrange(len(people))
            sent.append(chat(f"person-{person}", people[person]()))
    with path.open("wb") as file:
        for at, exchange in enumerate(sent):
            asked = exchange.request.document
            exchange.path = "/v1/chat/completions"
            file.write(encode(exchange, asked, ANSWER, 1.8e9 + 20.0 * at))
    return sent


def report(run: Run, folder: Path, *options: str) -> dict[str, Any]:
    """Export the campaigns of the folder's log under the folder's community; make what is not."""
    log, keys, out = folder / "log.jsonl", folder / "labs.json", folder / "bundle.json"
    if not keys.exists():
        assert run("intel", "key", "create", keys, "--name", "labs").code == 0
    ended = run("intel", "export", "--from-log", log, "--community", keys, "--out", out, *options)
    assert ended.code == 0, ended.err
    read: dict[str, Any] = orjson.loads(out.read_bytes())
    return read
