"""The pages of accounts and campaigns: lists, orders with a dry run and an undo, in bulk too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Worked

WHY = {"reason": "their auditor called", "by": "anna", "days": 2}


@pytest.fixture
def client(worked: Worked) -> Iterator[httpx2.Client]:
    headers = {"authorization": f"Bearer {worked.key}"}
    with httpx2.Client(base_url=worked.url, headers=headers, trust_env=False) as asking:
        yield asking


def order(client: httpx2.Client, path: str, **given: Any) -> dict[str, Any]:
    answer = client.post(path, json=WHY | given)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def get(client: httpx2.Client, path: str) -> Any:
    return client.get(path).json()


def test_an_order_is_tried_given_listed_and_taken_back(client: httpx2.Client) -> None:
    tried = order(client, "accounts/c-3/restrict", action="degrade", dry_run=True)
    assert (tried["dry_run"], tried["undo"], tried["before"]["action"]) == (
        True,
        "revoke",
        "allow",
    )
    assert get(client, "orders") == []

    given = order(client, "accounts/c-3/restrict", action="degrade")

    assert given["before"]["action"] == "allow"
    assert given["after"]["action"] == "degrade"
    assert given["after"]["not_enforced"] == "shadow"
    [held] = get(client, "orders")
    assert (held["account"], held["order"], held["action"]) == ("c-3", "restrict", "degrade")
    assert (held["by"], held["reason"]) == ("anna", "their auditor called")
    [listed] = get(client, "accounts?show=ordered")
    assert (listed["account"], listed["order"]) == ("c-3", "restrict")

    order(client, "accounts/c-3/revoke")
    told = get(client, "accounts/c-3")
    assert told["in_force"]["action"] == "allow"
    assert [event["what"] for event in told["history"]][:2] == ["revoke", "restrict"]
    assert get(client, "orders") == []


def test_a_campaign_is_told_as_one_and_ordered_as_one(client: httpx2.Client) -> None:
    found = get(client, "campaigns")
    [name] = [one["id"] for one in found if one["accounts"] == 16]

    tried = order(client, f"campaigns/{name}/pardon", dry_run=True)
    assert len(tried["accounts"]) == 16
    assert get(client, "accounts?show=pardoned") == []
    done = order(client, f"campaigns/{name}/pardon")

    assert (done["accounts"], done["undo"]) == (tried["accounts"], "unpardon")
    assert len(get(client, "accounts?show=pardoned&most=16")) == 16
    assert len(get(client, "accounts?show=pardoned&most=5")) == 5


def test_an_organisation_may_be_exempted_before_it_comes(client: httpx2.Client) -> None:
    order(client, "organisations/acme/exempt")

    [held] = get(client, "orders")
    assert (held["organisation"], held["order"], held["action"]) == ("acme", "exempt", None)


def test_what_is_kept_of_an_account_is_given_out_and_forgotten(client: httpx2.Client) -> None:
    assert get(client, "accounts/c-1/export")["record"]["exchanges"] > 0
    order(client, "accounts/c-1/erase")

    assert client.get("accounts/c-1/export").status_code == 404


@pytest.mark.parametrize(
    ("path", "given", "status"),
    [
        ("accounts/c-3/ban", {}, 404),
        ("accounts/nobody/pardon", {}, 404),
        ("accounts/c-3/revoke", {}, 404),
        ("organisations/acme/pardon", {}, 409),
        ("campaigns/c-0/pardon", {}, 404),
        ("accounts/c-3/restrict", {"action": "shame"}, 422),
        ("accounts/c-3/restrict", {"dry_run": "yes"}, 422),
        ("accounts/c-3/restrict", {"reason": ""}, 422),
    ],
)
def test_an_order_that_cannot_be_obeyed_says_why(
    client: httpx2.Client, path: str, given: dict[str, Any], status: int
) -> None:
    answer = client.post(path, json=WHY | given)

    assert answer.status_code == status
    assert answer.json()["error"]


def test_lists_have_their_bounds(client: httpx2.Client) -> None:
    for query in ("show=worst", "most=0", "most=10001"):
        assert client.get(f"accounts?{query}").status_code == 422
