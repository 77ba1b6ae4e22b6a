"""A request's target goes on as it was written; its scope says the rest."""

import pytest

from distillgate.asgi.address import Addresses, AddressSettings
from distillgate.proxy.scope import outgoing, target
from distillgate.proxy.settings import ProxySettings


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ({"raw_path": b"/a%2Fb", "path": "/a/b", "query_string": b"x=%41"}, "/a%2Fb?x=%41"),
        ({"raw_path": b"/a", "path": "/a", "query_string": b""}, "/a"),
        ({"path": "/a b/\u00e9"}, "/a%20b/%C3%A9"),
        ({"raw_path": None, "path": "/x"}, "/x"),
        (
            {"raw_path": b"/v1/x/../m:go", "path": "/v1/x/../m:go", "query_string": b"../"},
            "/v1/m:go?../",
        ),
        ({"raw_path": b"/v1/%2e/m%2Fn%E4", "path": "/v1/./m/n\ufffd"}, "/v1/m%2Fn%E4"),
        ({"raw_path": b"/v1/a%2F..%2Fm", "path": "/v1/a/../m"}, "/v1/m"),
        ({"path": "/v1/a b/../c d"}, "/v1/c%20d"),
    ],
)
def test_the_target_is_what_the_client_wrote_but_for_dot_segments(
    scope: dict[str, object], expected: str
) -> None:
    assert target(scope) == expected


@pytest.mark.parametrize(
    ("scheme", "said"), [("http", b"http"), ("https", b"https"), ("ws", b"http"), ("wss", b"https")]
)
def test_a_websockets_scheme_is_that_of_its_request(scheme: str, said: bytes) -> None:
    scope: dict[str, object] = {"headers": [], "scheme": scheme, "client": None}
    assert outgoing(scope, ProxySettings(), Addresses(AddressSettings()).trusts) == [
        (b"x-forwarded-proto", said)
    ]
