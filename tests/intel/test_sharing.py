from pathlib import Path

import pytest
from tests.engine.conftest import chat, make_engine
from tests.intel.telling import LABS, NAME, report

from distillgate.engine.entries import Feed
from distillgate.errors import ConfigError
from distillgate.intel.community import save
from distillgate.intel.settings import IntelligenceSettings
from distillgate.intel.sharing import join

PROMPT = "Mark this short answer with care.\nSay in two lines why you do."


def test_an_engine_that_joins_looks_for_what_the_community_tells(tmp_path: Path) -> None:
    engine, path, exchange = make_engine(), tmp_path / "labs.json", chat("a", PROMPT)
    engine.hand(Feed(0.0, "test", (report(PROMPT, 100.0),)))
    assert join(IntelligenceSettings(), engine).community is None
    assert engine.recognise(exchange) == ()

    save(LABS, path)
    sharing = join(IntelligenceSettings(community=str(path), trust=["a lab"]), engine)

    assert sharing.community == LABS
    assert engine.recognise(exchange) == (NAME,)
    path.chmod(0o644)
    with pytest.raises(ConfigError, match=r"intelligence\.community: .*chmod 600"):
        join(IntelligenceSettings(community=str(path)), engine)
