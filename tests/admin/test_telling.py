"""What an order to tell others must say, and what it needs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.intel.telling import LABS

from distillgate import Gate
from distillgate.intel.community import create, save
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve


@pytest.fixture
def gates(tmp_path: Path) -> Iterator[list[httpx2.Client]]:
    """A gate with a community, one whose community has no current key, and one without."""
    revoked = create("labs", 0.0)
    revoked.revoke(revoked.newest.id, 1.0)
    save(LABS, tmp_path / "labs.json")
    save(revoked, tmp_path / "revoked.json")
    clients = []
    for name in ("labs.json", "revoked.json", None):
        path = None if name is None else str(tmp_path / name)
        settings: dict[str, Any] = {
            "admin": {"key": "operator"},
            "intelligence": {"community": path},
            "telemetry": {"log": {"level": "off"}},
        }
        clients.append(Gate(upstream(), settings).sidecar())
    headers = {"authorization": "Bearer operator"}
    with (
        serve(clients[0]) as one,
        serve(clients[1]) as two,
        serve(clients[2]) as three,
    ):
        yield [
            httpx2.Client(
                base_url=f"{server.url}/distillgate", trust_env=False, headers=headers, timeout=60
            )
            for server in (one, two, three)
        ]


def test_an_order_to_tell_others_is_whole_and_needs_a_key(gates: list[httpx2.Client]) -> None:
    with gates[0] as gate:
        for wrong in (
            {"campaigns": "c"}, {"campaigns": [1]}, {"campaigns": ["c"] * 101}, {"least": 1},
            {"least": True}, {"least": 1e9}, {"tlp": 1}, {"tlp": "blue"}, {"as": "x" * 101},
            {"reason": " "},
        ):  # fmt: skip
            refused = gate.post("/intelligence/export", json={"reason": "why", **wrong})
            assert refused.status_code == 422, wrong
            assert next(iter(wrong)) in refused.json()["error"].lower()
        none = gate.post("/intelligence/export", json={"reason": "why"})
        assert (none.status_code, none.json()["error"][:22]) == (409, "no campaign to tell of")
    for gate in gates[1:]:
        with gate:
            refused = gate.post("/intelligence/export", json={"reason": "why"})
            assert refused.status_code == 409
            assert "intelligence.community" in refused.json()["error"]
