"""A request's target goes on as it was written; its scope says the rest."""

import pytest

from distillgate.proxy.scope import outgoing, target
from distillgate.proxy.settings import ProxySettings


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ({"raw_path": b"/a%2Fb", "path": "/a/b", "query_string": b"x=%41"}, "/a%2Fb?x=%41"),
        ({"raw_path": b"/a", "path": "/a", "query_string": b""}, "/a"),
        ({"path": "/a b/\u00e9"}, "/a%20b/%C3%A9"),
        ({"raw_path": None, "path": "/x"}, "/x"),
    ],
)
def test_the_target_is_what_the_client_wrote(scope: dict[str, object], expected: str) -> None:
    assert target(scope) == expected


@pytest.mark.parametrize(
    ("scheme", "said"), [("http", b"http"), ("https", b"https"), ("ws", b"http"), ("wss", b"https")]
)
def test_a_websockets_scheme_is_that_of_its_request(scheme: str, said: bytes) -> None:
    scope: dict[str, object] = {"headers": [], "scheme": scheme, "client": None}
    assert outgoing(scope, ProxySettings()) == [(b"x-forwarded-proto", said)]
