"""What leaves the house: valid STIX 2.1, figures of many accounts, and nothing that can be read."""

from pathlib import Path
from typing import Any

import orjson
from benchmarks.dictionary import attack, guesses
from stix2validator import ValidationOptions, validate_string
from tests.cli.conftest import Run
from tests.intel.logged import RULES, report, write

from distillgate.intel.community import create, load
from distillgate.intel.misp import event
from distillgate.intel.sketch import matches, segments
from distillgate.intel.stix import EXTENSION, Draft, extended


def of(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [made for made in bundle["objects"] if made["type"] == kind]


def test_a_campaign_is_told_in_valid_stix_without_a_word_of_anybodys(
    run: Run, tmp_path: Path
) -> None:
    sent = write(tmp_path / "log.jsonl")
    bundle = report(run, tmp_path)
    text = orjson.dumps(bundle).decode()

    validated = validate_string(text, ValidationOptions(version="2.1", strict_properties=False))
    assert validated.is_valid, [str(error) for error in validated.errors]
    [campaign], [indicator] = of(bundle, "campaign"), of(bundle, "indicator")
    figures = campaign["extensions"][EXTENSION]
    assert figures["accounts"] == 30
    assert figures["exchanges"] == 600
    assert figures["evidence"]["linkage"] > 2
    assert indicator["valid_until"] > indicator["valid_from"]
    codes = {made["external_references"][0]["external_id"] for made in of(bundle, "attack-pattern")}
    assert "AML.T0024.002" in codes
    assert {made["id"] for made in of(bundle, "user-account")} == set(
        of(bundle, "observed-data")[0]["object_refs"]
    )
    marking, *_ = bundle["objects"]
    assert all(
        made["object_marking_refs"] == [marking["id"]]
        for made in bundle["objects"]
        if made["type"] not in ("marking-definition", "extension-definition")
    )

    # The community knows the template again; a dictionary of all that was sent finds nothing.
    key = load(tmp_path / "labs.json").newest
    lines = indicator["extensions"][EXTENSION]["lines"]
    assert all(
        matches(lines, segments(one.request, key)) == one.account.startswith("customer")
        for one in sent
    )
    corpus = (tmp_path / "log.jsonl").read_bytes()
    assert attack(text, guesses(corpus)) == []
    assert attack(text, guesses(corpus), create("others", 0.0).newest) == []
    assert attack(text, guesses(corpus), key), "with the key the very same attack finds lines"
    assert attack(text + RULES, guesses(corpus)), "and without it a text that did leak"


def test_what_no_k_accounts_have_in_common_is_left_out_and_not_told_as_empty() -> None:
    draft = Draft(create("labs", 0.0).newest, "a lab", "green", 1.8e9)
    told = extended({"accounts": 12, "models": [], "shared": {}})
    draft.add("campaign", "x", name="x", extensions=told)

    text = orjson.dumps(draft.bundle()).decode()
    validated = validate_string(text, ValidationOptions(version="2.1", strict_properties=False))
    assert validated.is_valid, [str(error) for error in validated.errors]
    assert told[EXTENSION].keys() == {"extension_type", "accounts"}
    seen = {"first_seen": "2026-11-30T00:00:00.000Z", "last_seen": "2026-11-30T00:00:00.000Z"}
    draft.add("campaign", "y", name="y", extensions=told, **seen)
    made = draft.bundle()
    made["objects"] = [one for one in made["objects"] if one.get("name") != "x"]
    assert "accounts: 12" in orjson.dumps(event(made)).decode()


def test_a_report_is_the_same_objects_the_next_time(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "log.jsonl")
    first, second = (report(run, tmp_path, "--as", "a lab", "--tlp", "green") for _ in range(2))

    ids = [{made["id"] for made in bundle["objects"]} for bundle in (first, second)]
    assert ids[0] == ids[1]
    assert first["objects"][0]["name"] == "TLP:GREEN"


def test_of_fewer_accounts_than_k_nothing_leaves(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "log.jsonl")
    report(run, tmp_path)
    out = tmp_path / "few.json"
    asked = ("--from-log", tmp_path / "log.jsonl", "--community", tmp_path / "labs.json")

    config = tmp_path / "config.yaml"
    config.write_text('policy: {exemptions: [{account: "customer-1*", reason: they may}]}')
    declared = report(run, tmp_path, "--config", str(config))
    [campaign] = of(declared, "campaign")
    assert campaign["extensions"][EXTENSION]["accounts"] == 19, "who is exempted is nobody's matter"

    ended = run("intel", "export", *asked, "--out", out, "--least", "31")
    assert ended.code == 1
    assert "left out, as it is of fewer than 31 accounts" in ended.err
    assert not out.exists()
