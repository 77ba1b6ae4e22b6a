"""A campaign is restricted by way of other programs' logs as by the gate's own."""

from pathlib import Path

from benchmarks import imports


def test_an_imported_campaign_is_restricted_as_the_native_one(tmp_path: Path) -> None:
    formats = ("langfuse", "envoy-ai-gateway")
    classes = ("chat users", "classrooms")
    measured = imports.measure(tmp_path, "shared", 0.0, classes=classes, formats=formats)
    native, langfuse, envoy = measured

    assert native.restricted == langfuse.restricted == imports.SMALL.accounts
    assert native.exchanges == langfuse.exchanges == envoy.exchanges
    assert native.wronged == langfuse.wronged == envoy.wronged == envoy.restricted == 0
    assert "prompt text" in envoy.unknown
    assert "prompt text" not in langfuse.unknown
