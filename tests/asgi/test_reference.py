"""References: the gate's own is drawn, the client's is kept where it may stand in a log."""

from distillgate.asgi.reference import client_reference, named, upstream_reference


def test_the_clients_reference_may_stand_in_a_log_or_is_not_taken() -> None:
    def reference(value: str) -> str:
        return client_reference({"x-request-id": value})

    assert reference("3fa85f64-5717") == "3fa85f64-5717"
    for value in ("", "short", "x" * 129, "with space in", "new\nline-new\nline", 'quote"quote"'):
        assert reference(value) == ""


def test_no_two_exchanges_have_one_reference() -> None:
    found = [named({"x-request-id": "ref-12345678"}) for _ in range(1000)]

    assert len({one.reference for one in found}) == 1000
    assert {one.client for one in found} == {"ref-12345678"}


def test_whatever_an_upstream_calls_its_reference_is_read() -> None:
    name = "6f0dc7b0-3a7e-4d2b-9c57-3f1d3a6f2b10"
    for header in ("x-request-id", "request-id", "apim-request-id", "x-amzn-requestid"):
        assert upstream_reference({header: name}) == name
    both = {"x-amzn-requestid": name, "x-request-id": "not for a log\n"}
    assert upstream_reference(both) == name
    assert upstream_reference({}) == ""
