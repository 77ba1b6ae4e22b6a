"""What was measured is one file, read once, and every section of it is somebody's."""

import pytest

from distillgate.campaign.exchangeability import Block
from distillgate.errors import ConfigError
from distillgate.priors import Measured, edition, read, section, shipped
from distillgate.risk.calibration import SHIPPED
from distillgate.signals import registry


def of(kind: type[Measured]) -> set[type[Measured]]:
    return {kind} | {one for below in kind.__subclasses__() for one in of(below)}


def test_every_section_says_what_it_was_measured_on_and_is_read() -> None:
    assert registry.GROUP  # every detector was imported
    fields = [set(kind.__struct_fields__) for kind in of(Measured) - {Measured}]

    for name, weights in shipped()["weights"].items():
        assert len(weights["source"]) > 20, name
        assert set(weights) in fields, name


def test_a_section_with_a_number_too_many_or_too_few_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    weights = shipped()["weights"]
    monkeypatch.setitem(weights, "more", {**weights["clock"], "other": 1.0})
    monkeypatch.setitem(weights, "less", {"source": "nothing"})

    for name in ("more", "less"):
        with pytest.raises(ConfigError, match=f"install distillgate anew: {name}"):
            section(name, Block)
    assert section("clock", Block).dimensions == 3.0


@pytest.mark.parametrize("raw", [b"", b"{", b"[1]", b"\xff\xfe", b'{"weights": '])
def test_a_damaged_file_is_named_with_what_to_do(raw: bytes) -> None:
    with pytest.raises(ConfigError, match=r"priors\.json .* damaged; install distillgate anew"):
        read(raw)


def test_it_has_the_form_of_a_calibration_that_takes_nothing() -> None:
    assert SHIPPED.edition == edition()
    assert SHIPPED.provenance
    assert SHIPPED.of("pro/heavy").margin == 0
    assert SHIPPED.of("pro/heavy").shifts == {}
