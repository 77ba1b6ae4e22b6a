"""A campaign is restricted by way of other programs' logs as by the gate's own."""

from pathlib import Path

import pytest
from benchmarks import exports, imports


def test_an_imported_campaign_is_restricted_as_the_native_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = {name: exports.EXPORTS[name] for name in ("langfuse", "envoy-ai-gateway")}
    monkeypatch.setattr(imports, "EXPORTS", some)
    rows = {row.name: row for row in imports.measure(tmp_path, "shared", 0.0005)}
    native, langfuse = rows["the gate's own"], rows["langfuse"]
    envoy = rows["envoy-ai-gateway"]
    assert native.restricted == langfuse.restricted == imports.SMALL.accounts
    assert envoy.restricted == 0
    assert "prompt text" in envoy.unknown
