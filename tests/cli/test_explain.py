"""An account's or a group's evidence in plain words, from a log or from a running gate."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.cli.conftest import Run, line
from tests.cli.test_words import ACCOUNT
from tests.engine.conftest import World, lexicon, make_engine

from distillgate.admin.proof import proof


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    """A log of 16 accounts that send one operator's work list."""
    random_ = Random(1)
    world = World(make_engine(), random_, words=lexicon(random_, 4000))
    path = tmp_path / "campaign.jsonl"
    with path.open("wb") as file:
        for number, text in enumerate(world.work_list(500)):
            words = f"Please mark this short answer, and say in two lines why.\n{text}"
            asked = {"model": "m", "messages": [{"role": "user", "content": words}]}
            file.write(line(number, f"c-{random_.randrange(16)}", request=asked))
    return path


def test_an_account_of_a_log_is_explained(run: Run, log: Path) -> None:
    ended = run("explain", "a-3", "--replay", log)
    assert ended.code == 0
    assert ended.out.startswith("account a-3 of no known organisation\n")
    assert "2026-02-17 00:04:44 UTC" in ended.out
    assert "what would clear it" in ended.out


def test_the_explanation_as_json(run: Run, log: Path) -> None:
    ended = run("explain", "a-3", "--replay", log, "--json")
    found = json.loads(ended.out)
    assert found["account"] == "a-3"
    assert set(found["activity"]["requests"]) == {"minute", "hour", "day", "memory"}


def test_a_group_of_a_log_is_explained(run: Run, campaign: Path, tmp_path: Path) -> None:
    out = tmp_path / "decisions.jsonl"
    assert run("replay", campaign, "--out", out).code == 0
    group = json.loads(out.read_bytes().splitlines()[-1])["group"]

    ended = run("explain", group, "--replay", campaign)

    assert ended.code == 0
    told = ended.out.splitlines()
    assert told[0].startswith(f"group {group}: 16 accounts or organisations that share one ")
    assert told[1].endswith("exchanges; one operator feeds it")
    assert any(text.endswith("  linkage") for text in told)
    assert "  1. " in told[told.index("the strongest reasons") + 1]
    assert any("what would clear it: " in text for text in told)
    assert sorted(told[-1].strip().split(", ")) == sorted(f"c-{number}" for number in range(16))
    [budget] = [text for text in told if text.startswith("the actor's budget: about ")]
    found = json.loads(run("explain", group, "--replay", campaign, "--json").out)
    assert f" of {found['budget']:,.0f} value tokens (" in budget
    assert f"({100 * found['value_tokens'] / found['budget']:.0f}%)" in budget
    assert found["linked"]


def test_a_groups_explanation_has_every_part_in_order_and_names_no_stranger(
    run: Run, campaign: Path, tmp_path: Path
) -> None:
    path, out = tmp_path / "mixed.jsonl", tmp_path / "decisions.jsonl"
    random_ = Random(5)
    world = World(make_engine(), random_, words=lexicon(random_, 4000))
    person, lines = world.person(), campaign.read_bytes().splitlines(keepends=True)
    for number in range(20, 500, 12):  # somebody with the same prompt, and texts of their own
        words = f"Please mark this short answer, and say in two lines why.\n{person()}"
        asked = {"model": "m", "messages": [{"role": "user", "content": words}]}
        lines[number] = line(number, "stranger", request=asked)
    path.write_bytes(b"".join(lines))
    run("replay", path, "--out", out)
    decided = [json.loads(one) for one in out.read_bytes().splitlines()]
    group = next(one["group"] for one in reversed(decided) if one["account"] != "stranger")

    told = [run("explain", group, "--replay", path).out for _ in range(2)]

    assert told[0] == told[1], "a log that is read again is explained the same way"
    found = json.loads(run("explain", group, "--replay", path, "--json").out)
    parts = (
        f"group {group}: 17 accounts",
        "one operator feeds it",
        "risk ",
        "  linkage\n",
        "the strongest reasons\n",
        *(f"  {number}. {text}\n" for number, text in enumerate(found["strongest"], 1)),
        "the actor's budget: about ",
        f"an honest explanation: {found['honest_explanation']}\n",
        f"what would clear it: {found['cleared_by']}\n",
        "members\n",
    )
    assert [part for part in parts if part not in told[0]] == []
    places = [told[0].index(part) for part in parts]
    assert places == sorted(places)
    assert 1 <= len(found["strongest"]) <= 3
    assert set(found["strongest"]) <= {part["text"] for part in found["contributions"]}
    assert found["cleared_by"]
    assert sorted(found["members"]) == sorted(f"c-{number}" for number in range(16))


def test_an_account_of_that_name_comes_before_a_group(run: Run, tmp_path: Path, log: Path) -> None:
    path = tmp_path / "named.jsonl"
    path.write_bytes(line(0, "g-1") + log.read_bytes())
    assert run("explain", "g-1", "--replay", path).out.startswith("account g-1 ")


def test_an_unknown_name_is_said_so(run: Run, log: Path) -> None:
    assert run("explain", "x", "--replay", log) == (1, "", f"x: not known to {log}\n")


def test_one_source_is_needed(run: Run, log: Path) -> None:
    assert run("explain", "x").code == 2
    assert run("explain", "x", "--replay", log, "--url", "http://127.0.0.1:1").code == 2


def test_a_running_gate_is_asked_with_its_key(run: Run, serving: Any) -> None:
    def account(request: Request) -> Response:
        if request.headers.get("authorization") != "Bearer hush":
            return Response(status_code=401)
        if request.path_params["name"] != "a b/c":
            return Response(status_code=404)
        return JSONResponse({**ACCOUNT, "pardoned_until": None})

    def prove(request: Request) -> Response:
        return JSONResponse({"proof": proof("hush", request.query_params["nonce"])})

    routes = [Route("/admin/accounts/{name:path}", account), Route("/admin/proof", prove)]
    url = serving(Starlette(routes=routes)).url + "/admin/"
    ended = run("explain", "a b/c", "--url", url, "--key", "hush")
    assert ended.code == 0
    assert "account a b/c of no known organisation" in ended.out
    assert run("explain", "x", "--url", url, "--key", "hush").code == 1
    ended = run("explain", "x", "--url", url)
    assert (ended.code, ended.err) == (2, f"{url}accounts/x: answered 401\n")
