from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.authentication import BaseUser, SimpleUser, UnauthenticatedUser

from distillgate.asgi import identity as identities
from distillgate.asgi.address import AddressSettings
from distillgate.asgi.identity import Identifier, Identity, IdentitySettings

KEY = "sk-live-0123456789"


def scope(peer: str | None = "127.0.0.1", **headers: str) -> dict[str, Any]:
    names = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "client": (peer, 4711) if peer else None, "headers": names}


def identifier(
    identify: Callable[..., Any] | None = None, secret: bytes = b"s", **settings: Any
) -> Identifier:
    chosen = IdentitySettings.model_validate(settings, strict=False)
    return Identifier(chosen, AddressSettings(), secret=secret, identify=identify)


def account(found: Identity | None) -> str:
    assert found is not None
    return found.account


BEARER = account(identifier().identify(scope(authorization=f"Bearer {KEY}")))
SPELLINGS = [
    KEY,
    f"  {KEY}\t",
    f"bearer {KEY}",
    f"BEARER   {KEY}",
    f"Bearer\t{KEY}",
    f"Bearer Bearer {KEY}",
    f"bearer Bearer\tBEARER {KEY}",
    f"Bearer: {KEY}",
    f'Bearer "{KEY}"',
    f'"Bearer {KEY}"',
    f"'{KEY}',",
    f"Bearer {KEY},",
    f", Bearer {KEY} ;",
    f"Bearer {KEY}, Basic eDp5",
    f"Token {KEY}",
    f"Token Bearer {KEY}",
    f'Token token="{KEY}"',
    f"Basic {KEY}",
    "Basic " + b64encode(f"anybody:{KEY}".encode()).decode(),
    "basic " + b64encode(f":{KEY}".encode()).decode().rstrip("="),
    "Basic " + b64encode(f"{KEY}:".encode()).decode(),
    f"ApiKey {KEY}",
    f"Api-Key {KEY}",
    f"X-Made-Up {KEY}",
    f"X-Made-Up Bearer {KEY}",
    f"Bearer {KEY} and-more",
    f"AWS4-HMAC-SHA256 Credential=Bearer {KEY}/20260216/us/bedrock/aws4_request, Signature=ab12",
    f"AWS4-HMAC-SHA256 Credential={KEY}/20260216/us/bedrock/aws4_request, Signature=cd34",
]


def test_one_key_is_one_account_whichever_header_carries_it() -> None:
    names = {
        account(identifier().identify(scope(authorization=f"Bearer {KEY}"))),
        account(identifier().identify(scope(authorization=f"bearer  {KEY} "))),
        account(identifier().identify(scope(x_api_key=KEY))),
        account(identifier().identify(scope(api_key=KEY))),
    }

    assert len(names) == 1


@pytest.mark.parametrize("header", ["authorization", "x-api-key", "api-key", "x-goog-api-key"])
@pytest.mark.parametrize("value", SPELLINGS)
def test_one_key_is_one_account_whatever_scheme_and_form(header: str, value: str) -> None:
    asked = scope(**{header: value})

    assert account(identifier().identify(asked)) == BEARER


def test_the_key_itself_is_never_kept_and_its_hash_depends_on_the_secret() -> None:
    found = identifier().identify(scope(authorization=f"Bearer {KEY}"))
    other = identifier(secret=b"other").identify(scope(authorization=f"Bearer {KEY}"))

    assert KEY not in repr(found)
    assert account(found).startswith("k-")
    assert len(account(found)) == 22
    assert account(found) != account(other)


def test_accounts_keep_their_names_under_new_settings() -> None:
    old = identifier()
    new = old.configured(IdentitySettings(key_headers=("x-api-key",)), AddressSettings())

    assert account(old.identify(scope(x_api_key=KEY))) == account(
        new.identify(scope(x_api_key=KEY))
    )
    assert new.identify(scope(authorization=f"Bearer {KEY}")) is None


@pytest.mark.parametrize(
    "value", ["", "Bearer", "Bearer ", " \t", '""', "Bearer ,", "Token token="]
)
def test_a_header_without_a_key_names_nobody_and_leaves_it_to_the_next(value: str) -> None:
    assert identifier().identify(scope(authorization=value)) is None
    other = scope(authorization=value, x_api_key=KEY)
    assert account(identifier().identify(other)) == BEARER


@pytest.mark.parametrize("lines", [["", f"Bearer {KEY}"], [f"Bearer {KEY}", "Bearer other-key-1"]])
def test_of_several_lines_the_first_that_holds_a_key_counts(lines: list[str]) -> None:
    one = scope() | {"headers": [(b"authorization", line.encode()) for line in lines]}

    assert account(identifier().identify(one)) == BEARER


@pytest.mark.parametrize(
    "query", [f"key={KEY}", f"alt=sse&key={KEY}", f"key=&%6bey={KEY}", f"key=Bearer+{KEY}"]
)
def test_a_query_carries_the_key_where_no_header_does(query: str) -> None:
    asked = scope() | {"query_string": query.encode()}

    assert account(identifier().identify(asked)) == BEARER
    assert identifier(key_query=()).identify(asked) is None
    both = scope(x_api_key="another-key") | {"query_string": query.encode()}
    assert account(identifier().identify(both)) != BEARER


def test_a_browsers_websocket_carries_the_key_among_its_protocols() -> None:
    protocols = f"realtime, openai-insecure-api-key.{KEY}, openai-beta.realtime-v1"
    settings: dict[str, Any] = {"key_headers": ["authorization", "sec-websocket-protocol"]}

    found = identifier(**settings).identify(scope(sec_websocket_protocol=protocols))
    none = identifier(**settings).identify(scope(sec_websocket_protocol="realtime"))

    assert account(found) == BEARER
    assert none is None


def test_anonymous_requests_are_one_account_a_network_where_that_is_configured() -> None:
    by_address = identifier(anonymous="address")

    first = account(by_address.identify(scope("2001:db8::1")))
    second = account(by_address.identify(scope("2001:db8::2")))
    other = account(by_address.identify(scope("2001:db8:0:1::2")))

    assert first == second != other
    assert first.startswith("a-")
    assert by_address.identify(scope(None)) is None
    assert identifier().identify(scope("2001:db8::1")) is None


class Nameless(BaseUser):
    """A user of a host that left out what Starlette only asks for."""

    @property
    def is_authenticated(self) -> bool:
        return True

    @property
    def display_name(self) -> str:
        return "nameless"


@pytest.mark.parametrize(
    ("user", "name"),
    [(SimpleUser("ada"), "ada"), (Nameless(), "nameless"), ("ada", "ada")],
)
def test_the_hosts_user_is_the_account(user: object, name: str) -> None:
    found = identifier().identify(scope(authorization=f"Bearer {KEY}") | {"user": user})

    assert account(found) == name


@pytest.mark.parametrize("user", [UnauthenticatedUser(), None, object(), ""])
def test_a_user_nobody_vouches_for_leaves_it_to_the_key(user: object) -> None:
    found = identifier().identify(scope(authorization=f"Bearer {KEY}") | {"user": user})

    assert account(found).startswith("k-")


def test_the_hosts_state_is_read_under_its_configured_name() -> None:
    found = identifier(state="tenant").identify(scope() | {"state": {"tenant": 42}})

    assert account(found) == "42"
    assert identifier(state="tenant").identify(scope() | {"state": {}}) is None
    assert identifier().identify(scope() | {"state": {"tenant": 42}}) is None


def test_the_order_of_sources_is_the_configured_one() -> None:
    both = scope(x_account="from-proxy", authorization=f"Bearer {KEY}")

    assert account(identifier(header="X-Account").identify(both)) == "from-proxy"
    keys_first = identifier(header="X-Account", order=("key", "header"))
    assert account(keys_first.identify(both)).startswith("k-")


def test_headers_of_strangers_are_not_believed() -> None:
    settings: dict[str, Any] = {"header": "x-account", "attributes": {"plan": "x-plan"}}
    claims = {"x_account": "victim", "x_plan": "enterprise"}

    stranger = scope("203.0.113.7", authorization=f"Bearer {KEY}", **claims)
    found = identifier(**settings).identify(stranger)

    assert found is not None
    assert found.account.startswith("k-")
    assert found.plan is None
    assert found.client.ip == "203.0.113.7"


def test_a_trusted_proxy_says_what_the_operator_knows() -> None:
    names = ("plan", "organisation", "end_user", "created", "payment", "ja4")
    attributes = {name: f"X-{name.replace('_', '-')}" for name in names}
    proxied = scope(
        authorization=f"Bearer {KEY}",
        x_forwarded_for="203.0.113.7",
        user_agent="OpenAI/Python 3.54.0",
        x_plan="pro",
        x_organisation="o-1",
        x_end_user="u-9",
        x_created="2026-02-16T21:20:00Z",
        x_payment="4242",
        x_ja4="t13d",
    )

    found = identifier(attributes=attributes).identify(proxied)

    assert found is not None
    assert (found.plan, found.organisation) == ("pro", "o-1")
    assert found.attributes.end_user == "u-9"
    assert found.attributes.created == 1771276800.0
    assert found.attributes.payment not in (None, "4242")
    assert found.client.ja4 == "t13d"
    assert found.client.ip == "203.0.113.7"
    assert found.client.user_agent == "OpenAI/Python 3.54.0"
    assert list(found.client.headers)[:2] == ["authorization", "x-forwarded-for"]


def test_the_hosts_own_answer_comes_first_and_may_be_complete() -> None:
    named = identifier(lambda _: "mine").identify(scope(authorization=f"Bearer {KEY}"))
    whole = identifier(lambda _: Identity("mine", plan="gold")).identify(scope())
    silent = identifier(lambda _: None).identify(scope(authorization=f"Bearer {KEY}"))

    assert account(named) == account(whole) == "mine"
    assert whole is not None
    assert whole.plan == "gold"
    assert account(silent).startswith("k-")


def test_long_names_are_hashed() -> None:
    found = identifier(lambda _: "x" * 1_000_000).identify(scope())

    assert account(found).startswith("h-")
    assert len(account(found)) == 22


@given(st.lists(st.tuples(st.binary(max_size=20), st.binary(max_size=40)), max_size=10))
def test_no_headers_raise(headers: list[tuple[bytes, bytes]]) -> None:
    settings: dict[str, Any] = {"header": "x-account", "attributes": {"created": "x-created"}}
    given_scope = {"type": "http", "client": ("127.0.0.1", 1), "headers": headers}

    found = identifier(anonymous="address", **settings).identify(given_scope)

    assert found is not None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("1771286400", 1771286400.0),
        ("1771286400.5", 1771286400.5),
        ("2026-02-17T00:00:00Z", 1771286400.0),
        ("2026-02-17T01:00:00+01:00", 1771286400.0),
        ("2026-02-17T00:00:00", 1771286400.0),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        ("nan", None),
        ("", None),
        (None, None),
    ],
)
def test_moments_are_seconds_or_rfc_3339(value: str | None, seconds: float | None) -> None:
    assert identities.moment(value) == seconds


def test_what_the_hosts_function_returns_stays_the_hosts_own() -> None:
    kept = Identity("ada", plan="pro")
    first = identifier(lambda _: kept).identify(scope("203.0.113.7", user_agent="one"))
    second = identifier(lambda _: kept).identify(scope("203.0.113.8", user_agent="two"))

    assert kept == Identity("ada", plan="pro")
    assert first is not None
    assert second is not None
    assert (first.client.ip, second.client.ip) == ("203.0.113.7", "203.0.113.8")


@pytest.mark.parametrize("given", [42, b"ada", ["ada"], Identity(""), Identity(None)])  # type: ignore[arg-type]
def test_a_function_that_returns_no_name_has_failed(given: object) -> None:
    with pytest.raises(TypeError, match="identify"):
        identifier(lambda _: given).identify(scope(authorization=KEY))


def test_an_empty_name_leaves_it_to_the_configured_sources() -> None:
    assert account(identifier(lambda _: "").identify(scope(authorization=KEY))) == BEARER


def test_a_long_name_of_the_hosts_is_hashed() -> None:
    found = identifier(lambda _: Identity("a" * 1000)).identify(scope())

    assert account(found).startswith("h-")
