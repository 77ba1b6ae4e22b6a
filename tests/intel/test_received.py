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
        (bundle(id="indicator--1"), r"indicator--1: .*id"),
        (b'{"type": "bundle", "objects": [' + b"[]," * 600_000, "more JSON than is parsed"),
        (b'{"type": "bundle", "objects": [' + b"0," * 2_100_000, "more JSON than is parsed"),
        (b'{"type": "bundle", "objects": [1e999]}', "out of range"),
        (b'{"type": "bundle", "objects": [NaN]}', "no STIX bundle"),
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


def objects(*bundles: bytes) -> list[Any]:
    return [made for raw in bundles for made in orjson.loads(raw)["objects"]]


def of(kind: str, made: list[Any]) -> list[Any]:
    return [one for one in made if one["type"] == kind]


def test_what_one_sender_does_wrong_silences_no_other() -> None:
    bad = [1, {"type": "identity"}, *of("opinion", objects(bundle("rather not", "a foe")))]
    found = receive([*bad, *objects(bundle())], Trust(LABS, ("a lab",), NOW))

    assert len(found.told) == 1
    assert found.left_out.total() == 3
    assert not found.withdrawn


def test_a_name_is_told_of_once_and_by_who_told_of_it_first() -> None:
    [given] = of("indicator", mine := objects(bundle()))
    later = given | {"valid_until": moment(NOW + 2 * DAY)}
    theirs = objects(bundle(sender="a foe"))
    [foe] = of("identity", theirs)
    taken = given | {"created_by_ref": foe["id"], "valid_until": moment(NOW + 3 * DAY)}
    found = receive([*mine, later, foe, taken], Trust(LABS, (), NOW))

    [told] = found.told
    assert (told.source, told.until) == ("a lab", NOW + 2 * DAY)
    assert found.left_out == {"under a name that another sender gave": 1}

    back = receive([*mine, given | {"revoked": True}, later], Trust(LABS, (), NOW))
    assert not back.told, "an older version of what was taken back says nothing"
    assert back.withdrawn == {given["id"]}


@pytest.mark.parametrize("foe_first", [False, True])
def test_another_name_under_a_senders_id_silences_it_not(foe_first: bool) -> None:
    mine = objects(bundle())
    [identity] = of("identity", mine)
    both = [identity | {"name": "a foe"}, *mine] if foe_first else [*mine, identity | {"name": "x"}]

    found = receive(both, Trust(LABS, ("a lab",), NOW))
    assert [told.source for told in found.told] == ["a lab"]


def test_an_opinion_that_was_taken_back_disputes_nothing() -> None:
    disputed = objects(bundle("disagree"))
    [opinion] = of("opinion", disputed)
    trust = Trust(LABS, ("a lab",), NOW)

    back = receive([*disputed, opinion | {"revoked": True}], trust)
    assert len(back.told) == 1
    assert not back.withdrawn

    others = opinion | {"revoked": True, "created_by_ref": "identity--foe"}
    assert not receive([*disputed, others], trust).told, "only by whose it is"


def test_what_is_said_to_be_benign_is_not_looked_for() -> None:
    assert received(bundle(indicator_types=["benign"])).left_out == {"said to be benign": 1}
    assert received(bundle(indicator_types=["malicious-activity"])).told


def test_references_in_a_circle_are_not_followed() -> None:
    made = objects(bundle())
    for one in made:
        one["created_by_ref"] = one["object_marking_refs"] = one["id"]
    assert receive(made, Trust(LABS, ("a lab",), NOW)).left_out.total() == 1


def test_a_million_indicators_withdrawals_and_senders_are_bounded() -> None:
    [made] = of("indicator", objects(bundle()))
    names = [f"indicator--{number:036x}" for number in range(10_001)]
    many = receive([made | {"id": name} for name in names], Trust(LABS, (), NOW))
    assert len(many.told) == 10_000
    assert many.left_out == {f"by {made['created_by_ref']}, beyond its share of 10,000": 1}
    opinion = {"type": "opinion", "opinion": "disagree", "created_by_ref": "identity--1"}
    many = receive([opinion | {"object_refs": names}], Trust(LABS, (), NOW))
    assert len(many.withdrawn) == 10_000
    assert many.left_out == {"disputed by identity--1, beyond its share of 10,000": 1}
    with pytest.raises(StoreError, match="no list of at most 100,000"):
        receive([made] * 100_001, Trust(LABS, (), NOW))
    back = [made | {"id": name, "revoked": True} for name in names]
    assert len(receive(back, Trust(LABS, (), NOW)).withdrawn) == 10_000

    strangers = [made | {"created_by_ref": f"identity--{number}"} for number in range(500)]
    found = receive(strangers, Trust(LABS, ("a lab",), NOW))
    assert found.left_out.total() == 500
    assert len(found.left_out) < 30, "they name themselves, and an audit log has it"


def test_what_is_disputed_is_an_indicator() -> None:
    made = objects(bundle("disagree"))
    [opinion] = of("opinion", made)
    opinion["object_refs"] = ["campaign--1", "../../etc/passwd"]
    found = receive(made, Trust(LABS, (), NOW))
    assert len(found.told) == 1
    assert not found.withdrawn
