"""An account's evidence in plain words, from a log or from a running gate."""

import json
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.cli.conftest import Run

from distillgate.cli.explain import words

FOUND: dict[str, Any] = {
    "account": "a b/c",
    "organisation": None,
    "first_seen": 1771286400.0,
    "last_seen": 1771286460.0,
    "activity": {
        "requests": {"minute": 1.0, "hour": 2.0, "day": 3.0, "memory": 1234.5},
        "prompt_tokens": {"minute": 0.0, "hour": 0.0, "day": 0.0, "memory": 0.0},
        "output_tokens": {"minute": 0.0, "hour": 0.0, "day": 0.0, "memory": 0.0},
    },
    "distinct_texts": 7.2,
    "risk": 5.0,
    "families": {"linkage": 5.0},
    "contributions": [
        {"signal": "work_list", "family": "linkage", "llr": 5.0, "text": "9 accounts, one list"}
    ],
    "group": "g-1",
    "restricted_until": 1771290000.0,
    "pardoned_until": float("inf"),
    "honest_explanation": "one company",
    "cleared_by": "they declare it",
}


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


def test_an_unknown_account_is_said_so(run: Run, log: Path) -> None:
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
        return JSONResponse({**FOUND, "pardoned_until": None})

    url = serving(Starlette(routes=[Route("/admin/accounts/{name:path}", account)])).url + "/admin/"
    ended = run("explain", "a b/c", "--url", url, "--key", "hush")
    assert ended.code == 0
    assert "account a b/c of no known organisation" in ended.out
    assert run("explain", "x", "--url", url, "--key", "hush").code == 1
    ended = run("explain", "x", "--url", url)
    assert (ended.code, ended.err) == (2, f"{url}accounts/x: answered 401\n")


def test_a_gate_that_is_not_there_is_one_line(run: Run) -> None:
    ended = run("explain", "x", "--url", "http://127.0.0.1:1")
    assert ended.code == 2
    assert ended.err.startswith("http://127.0.0.1:1/accounts/x: ")
    assert ended.err.count("\n") == 1


def test_the_words_are_plain() -> None:
    assert list(words(FOUND)) == [
        "account a b/c of no known organisation",
        "seen from 2026-02-17 00:00:00 UTC to 2026-02-17 00:01:00 UTC",
        "",
        "                      minute        hour         day  remembered",
        "requests                   1           2           3       1,234",
        "prompt tokens              0           0           0           0",
        "output tokens              0           0           0           0",
        "about 7 different texts",
        "",
        "risk +5.00, a likelihood ratio of about 148 to 1",
        "  +5.00  linkage, work_list: 9 accounts, one list",
        "acts with the accounts of group g-1",
        "restricted until 2026-02-17 01:00:00 UTC",
        "pardoned until further notice",
        "",
        "an honest explanation: one company",
        "what would clear it: they declare it",
    ]
