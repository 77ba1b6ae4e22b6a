"""Two organisations know one campaign again; a feed that frames somebody restricts nobody."""

from pathlib import Path

import orjson
import pytest
from stix2validator import ValidationOptions, validate_string
from tests.cli.conftest import Run
from tests.conftest import Serving
from tests.engine.conftest import chat
from tests.intel.logged import report, write
from tests.intel.server import LOGIN, Collection

from distillgate.intel.community import load
from distillgate.intel.looked_for import look_for
from distillgate.intel.received import Told
from distillgate.intel.sketch import segments
from distillgate.traffic.log import Line
from distillgate.wire.exchange import Outcome

FOR_EVER, ANSWER = 4e9, Outcome(status=200)


@pytest.fixture
def told(run: Run, tmp_path: Path) -> Path:
    """Another organisation's folder: its log, its report, the community's keys."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    write(folder / "log.jsonl")
    made = report(run, folder, "--as", "a lab")
    for one in made["objects"]:  # the log's clock is fixed; what it tells is to be valid today
        if one["type"] == "indicator":
            one |= {"valid_from": one["created"], "valid_until": "2099-01-01T00:00:00Z"}
    (folder / "bundle.json").write_bytes(orjson.dumps(made))
    return folder


def test_two_organisations_know_one_campaign_and_one_answers_the_other_over_taxii(
    run: Run, told: Path, tmp_path: Path, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISTILLGATE_TAXII_LOGIN", LOGIN)
    collection = Collection()
    url = f"{serving(collection.app).url}/api/collections/c"
    pushed = run("intel", "push", told / "bundle.json", "--to", url)
    assert pushed.code == 0, pushed.err

    # Other accounts, other texts, other people: the same template at work.
    write(tmp_path / "log.jsonl", campaign=40, seed=2)
    keys, answer = told / "labs.json", tmp_path / "opinions.json"
    asked = ("--from-log", tmp_path / "log.jsonl", "--community", keys, "--opinions", answer)
    ended = run("intel", "import", url, *asked, "--as", "us", "--json")
    assert ended.code == 0, ended.err
    [found] = orjson.loads(ended.out)
    assert (len(found["accounts"]), found["source"], found["opinion"]) == (40, "a lab", "agree")
    assert found["own"] == found["accounts"]
    assert collection.requests > 5, "a long collection comes in pages"

    validated = validate_string(answer.read_text(), ValidationOptions(version="2.1"))
    assert validated.is_valid, [str(error) for error in validated.errors]
    assert b"customer" not in answer.read_bytes()

    # An answer of the contrary ends it.
    opinions = orjson.loads(answer.read_bytes())
    for one in opinions["objects"]:
        if one["type"] == "opinion":
            one["opinion"] = "strongly-disagree"
    answer.write_bytes(orjson.dumps(opinions))
    assert run("intel", "push", answer, "--to", url).code == 0
    ended = run("intel", "import", url, *asked[:4])
    assert ended.code == 0
    assert "1 left out: disputed by us" in ended.err


def test_a_feed_that_frames_a_thousand_honest_accounts_restricts_none(told: Path) -> None:
    key = load(told / "labs.json").newest
    asked = [
        chat(f"h-{n}", f"Tell me of {n * 'x'}", f"Be of help.{n * 'y'}") for n in range(1, 1001)
    ]
    honest = [(Line(1e9, one, ANSWER), one.account) for one in asked]
    lines = [frozenset(segments(one.request, key)) for one in asked]
    feed = [Told(f"indicator--{n}", "a foe", key, some, FOR_EVER) for n, some in enumerate(lines)]

    found = look_for(feed, honest, own=())

    assert sum(len(match.accounts) for match in found) >= 1000, "all of them are told of"
    assert not any(match.own for match in found)
    assert {match.opinion(10) for match in found} <= {"disagree", None}


def test_a_server_that_is_none_or_refuses_is_a_clear_error(
    run: Run, told: Path, serving: Serving
) -> None:
    collection = Collection()
    url = serving(collection.app).url
    asked = ("--from-log", told / "log.jsonl", "--community", told / "labs.json")

    for address, login, why in (
        (f"{url}/api/collections/c", "lab:wrong", "answered 401"),
        (f"{url}/nothing", LOGIN, "answered 404"),
    ):
        ended = run("intel", "import", address, *asked, "--login", login)
        assert ended.code == 2
        assert why in ended.err
    bad = told / "bad.json"
    bad.write_bytes(b'{"type": "bundle", "objects": [{"type": "identity"}]}')
    ended = run("intel", "push", bad, "--to", f"{url}/api/collections/c", "--login", LOGIN)
    assert ended.code == 2
    assert "1 objects were refused: has no id" in ended.err
