"""What others tell is used when it is valid, in time, by somebody trusted, and undisputed."""

from typing import Any

import orjson
import pytest

from distillgate.account.windows import DAY
from distillgate.errors import StoreError
from distillgate.intel.community import create, moment
from distillgate.intel.received import LONGEST_DAYS, Received, Trust, read, receive
from distillgate.intel.sketch import NORMALISER
from distillgate.intel.stix import Draft, extended

NOW = 1.8e9
LABS = create("labs", NOW)
LINE = "0" * 32


def bundle(opinion: str | None = None, sender: str = "a lab", **changes: Any) -> bytes:
    """Tell of one template; `changes` are of the indicator."""
    draft = Draft(LABS.newest, sender, "green", NOW)
    lines = {"key": LABS.newest.id, "normaliser": NORMALISER, "lines": [LINE]}
    given = {
        "valid_from": moment(NOW), "valid_until": moment(NOW + DAY),
        "extensions": extended(lines | changes.pop("extension", {})),
    }  # fmt: skip
    made = draft.add("indicator", "x", **given | changes)
    if opinion is not None:
        draft.add("opinion", made, opinion=opinion, object_refs=[made])
    return orjson.dumps(draft.bundle())


def received(raw: bytes, now: float = NOW, *sources: str) -> Received:
    return read(raw, Trust(LABS, sources, now))


def test_a_template_is_looked_for_until_it_expires_and_never_for_longer_than_a_month() -> None:
    [told] = received(bundle()).told
    assert (told.source, told.lines, told.until) == ("a lab", frozenset({LINE}), NOW + DAY)

    for_ever = bundle(valid_until="9999-01-01T00:00:00Z")
    assert received(for_ever).told[0].until == NOW + LONGEST_DAYS * DAY
    assert received(for_ever, NOW + LONGEST_DAYS * DAY).left_out == {"not valid now": 1}
    assert received(bundle(revoked=True)).left_out == {"not valid now": 1}


def test_only_trusted_sources_tell_and_dispute() -> None:
    assert received(bundle(), NOW, "a lab").told
    assert received(bundle(), NOW, "others").left_out == {"by a lab, who is not trusted": 1}
    assert received(bundle("disagree")).left_out == {"disputed by a lab": 1}
    assert received(bundle("agree")).told


def test_what_cannot_be_compared_is_left_out() -> None:
    other = bundle(extension={"key": "k-other"})
    assert received(other).left_out == {"under a key that is not accepted": 1}
    older = bundle(extension={"normaliser": "distillgate-segments-0"})
    assert received(older).left_out == {"of another normaliser": 1}
    assert received(bundle(extensions={})).left_out == {"of another kind": 1}


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "no STIX bundle"),
        (b"[]", "no STIX bundle"),
        (b'{"type": "report"}', "`type` is not `bundle`"),
        (b'{"type": "bundle", "objects": {}}', "`objects` is no list"),
        (b'{"type": "bundle", "objects": [1]}', "object 0"),
        (b'{"type": "bundle", "objects": [{"type": "identity"}]}', "without an id: .*`id`"),
        (b'{"type": "bundle", "objects": ' + b"[" * 100_000, "no STIX bundle"),
        (bundle(valid_until="tomorrow"), r"indicator--.*valid_until"),
        (bundle(valid_from="2027-01-01T00:00:00"), r"indicator--.*valid_from"),
        (bundle(extension={"lines": []}), r"indicator--.*lines"),
        (bundle(extension={"lines": ["plain text"]}), r"indicator--.*lines"),
        (bundle(extension={"lines": [LINE] * 65}), r"indicator--.*lines"),
        (bundle("rather not"), r"opinion--.*opinion"),
    ],
)
def test_what_is_not_valid_is_a_clear_error(raw: bytes, told: str) -> None:
    with pytest.raises(StoreError, match=told):
        received(raw)


def test_objects_too_deep_to_read_are_a_clear_error_too() -> None:
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"a": deep}

    for made in ({"type": "identity", "id": deep}, {"type": "indicator", "extensions": deep}):
        with pytest.raises(StoreError, match="without an id"):
            receive([made], Trust(LABS, (), NOW))
