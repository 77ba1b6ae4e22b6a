import httpx2

from distillgate.config.schema import Config
from distillgate_lab.demo.call import Account
from distillgate_lab.demo.stage import DAWN, Time, config, headers, stage


def test_the_plays_time_never_goes_back() -> None:
    time = Time()
    time.pass_to(60.0)
    time.pass_to(30.0)

    assert time() == DAWN + 60.0


def test_the_gate_has_every_default_but_that_it_acts_and_knows_who_asks() -> None:
    played, default = Config.model_validate(config()), Config()
    changed = {
        name for name in Config.model_fields if getattr(played, name) != getattr(default, name)
    }

    assert played.mode == "enforce"
    assert changed == {"mode", "key", "admin", "policy", "signals", "asgi", "telemetry"}
    assert played.policy.ladder == default.policy.ladder
    assert played.asgi.model_copy(update={"identity": default.asgi.identity}) == default.asgi


def test_an_account_carries_its_name_its_key_and_what_it_declares() -> None:
    alone = headers(Account("anna", "chat users"), "demo-1")
    of_company = headers(Account("depot", "keys", organisation="org-1"), "demo-2")

    assert alone["x-account"] == "anna"
    assert alone["user-agent"] == "demo"
    assert alone["x-forwarded-for"] == "192.0.2.1"
    assert alone["authorization"].startswith("Bearer ")
    assert "x-organisation" not in alone
    assert of_company["x-organisation"] == "org-1"


def test_sidecar_and_upstream_both_answer() -> None:
    with stage() as place, httpx2.Client(trust_env=False) as client:
        assert place.url != place.direct
        assert client.get(place.url + "/readyz").status_code == 200
        through, past = (client.get(url + "/v1/models") for url in (place.url, place.direct))
    assert through.status_code == past.status_code == 200
    assert through.content == past.content
