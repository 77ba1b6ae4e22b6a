"""The operator's pages of groups: which there are, why, and what people call them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

if TYPE_CHECKING:
    from tests.conftest import Worked


@pytest.fixture
def client(worked: Worked) -> Iterator[httpx2.Client]:
    headers = {"authorization": f"Bearer {worked.key}"}
    with httpx2.Client(base_url=worked.url, headers=headers, trust_env=False) as asking:
        yield asking


def events(log: Path, name: str) -> list[dict[str, Any]]:
    """Wait for an event in the log, which a thread writes."""
    deadline = time.monotonic() + 10
    while True:
        lines = map(json.loads, log.read_bytes().splitlines() if log.exists() else ())
        found = [line for line in lines if line["event"] == name]
        if found:
            return found
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_groups_of_one_operator_are_listed_the_most_surely_linked_first(
    client: httpx2.Client, worked: Worked
) -> None:
    listed = client.get("/groups").json()

    links = [group["link"] for group in listed]
    assert links == sorted(links, reverse=True)
    [group] = [group for group in listed if group["id"] == worked.group]
    assert group["code"] == worked.group
    assert (group["kind"], group["principals"]) == ("prompt template", 16)
    assert 200 < group["exchanges"] <= 300
    assert group["link"] >= 2


def test_a_group_is_explained_with_its_members_and_its_budget(
    client: httpx2.Client, worked: Worked
) -> None:
    found = client.get(f"/groups/{worked.group}").json()

    assert found["linked"]
    assert sorted(found["members"]) == sorted(f"c-{number}" for number in range(16))
    assert 0 < len(found["strongest"]) <= 3
    assert found["distinct_texts"] == pytest.approx(300, rel=0.3)
    assert found["budget"] > 0


def test_a_name_given_by_a_person_is_what_it_is_called_and_is_logged(
    client: httpx2.Client, worked: Worked
) -> None:
    path = f"/groups/{worked.group}/name"

    named = client.post(path, json={"name": " winter / list №1 "})

    assert named.json() == {"group": worked.group, "name": "winter / list №1"}
    listed = {group["code"]: group["id"] for group in client.get("/groups").json()}
    assert listed[worked.group] == "winter / list №1"
    by_name = client.get("/groups/winter%20%2F%20list%20%E2%84%961").json()
    assert by_name["group"] == "winter / list №1"
    assert by_name["exchanges"] == client.get(f"/groups/{worked.group}").json()["exchanges"]
    [event] = events(worked.log, "named")
    assert (event["group"], event["campaign"]) == (worked.group, "winter / list №1")


def test_a_group_may_be_renamed_and_two_cannot_have_one_name(
    client: httpx2.Client, worked: Worked
) -> None:
    other = next(g["id"] for g in client.get("/groups").json() if g["id"] != worked.group)
    assert client.post(f"/groups/{worked.group}/name", json={"name": "winter"}).status_code == 200
    assert client.post("/groups/winter/name", json={"name": "winter"}).status_code == 200

    taken = client.post(f"/groups/{other}/name", json={"name": "winter"})

    assert taken.status_code == 409
    assert worked.group in taken.json()["error"]
    assert client.post("/groups/winter/name", json={"name": "spring"}).status_code == 200
    assert client.post(f"/groups/{other}/name", json={"name": "winter"}).status_code == 200


def test_what_is_no_name_is_refused_and_changes_nothing(
    client: httpx2.Client, worked: Worked
) -> None:
    wrong: list[Any] = ["", "  ", "a\nb", "\u202egnp", "g-1", "x" * 65, 7, None]
    for name in wrong:
        answer = client.post(f"/groups/{worked.group}/name", json={"name": name})
        assert (answer.status_code, "printable" in answer.text) == (422, True)
    assert client.post(f"/groups/{worked.group}/name", json=["x"]).status_code == 422
    assert client.post("/groups/g-0/name", json={"name": "x" * 64}).status_code == 404
    assert worked.group in [group["id"] for group in client.get("/groups").json()]


def test_what_is_remembered_of_a_group_is_told_and_forgotten_by_order(
    client: httpx2.Client, worked: Worked
) -> None:
    groups = worked.engine.state.groups
    group = groups.named(worked.group)
    assert group is not None
    groups.remember(group, 1_900_000_000.0)
    groups.rename(group, "winter")

    [told] = client.get("/memory").json()
    assert (told["id"], told["code"], told["restricted_at"]) == ("winter", worked.group, 1.9e9)
    assert client.post("/memory/winter/forget", json={}).status_code == 422
    why = {"reason": "their prompt is public", "by": "anna"}
    assert client.post("/memory/winter/forget", json=why).status_code == 200

    assert client.get("/memory").json() == []
    assert client.post("/memory/winter/forget", json=why).status_code == 404
    [event] = events(worked.log, "forgotten")
    assert (event["group"], event["by"], event["reason"]) == ("winter", "anna", why["reason"])


def test_nothing_of_it_is_open(worked: Worked) -> None:
    with httpx2.Client(base_url=worked.url, trust_env=False) as stranger:
        assert stranger.get("/memory").status_code == 401
        assert stranger.get("/groups").status_code == 401
        path = f"/groups/{worked.group}/name"
        assert stranger.post(path, json={"name": "mine"}).status_code == 401
