"""Keys of one secret are apart, and stay what they are: what is kept was hashed with them."""

from distillgate.derive import derive


def test_each_use_and_each_secret_has_a_key_of_its_own() -> None:
    found = {derive(secret, use) for secret in (b"a", b"b") for use in (b"log", b"seed")}

    assert len(found) == 4
    assert {len(key) for key in found} == {32}


def test_a_key_is_the_same_in_every_version() -> None:
    assert derive(b"a secret", b"log", 8).hex() == "d36ddbdeeffa4206"


def test_of_a_long_secret_the_beginning_counts() -> None:
    assert derive(b"x" * 64, b"log") == derive(b"x" * 99, b"log") != derive(b"x" * 63, b"log")
