"""One port for several processes of ours, and for nobody else."""

import socket
from collections import Counter
from pathlib import Path

import pytest

from distillgate.errors import ConfigError
from distillgate.proxy.listen import reserve, share, verify
from distillgate.proxy.settings import ProxySettings

HOST = "127.0.0.1"


def test_connections_are_dealt_out_to_all_who_share_a_port() -> None:
    with reserve(HOST, 0) as reserved:
        port = reserved.getsockname()[1]
        with share(HOST, port) as one, share(HOST, port) as other:
            for listener in (one, other):
                listener.listen(200)
                listener.setblocking(False)
            opened = [socket.create_connection((HOST, port)) for _ in range(200)]
            taken: Counter[str] = Counter()
            for name, listener in (("one", one), ("other", other)):
                for _ in range(200):
                    try:
                        listener.accept()[0].close()
                    except BlockingIOError:
                        break
                    taken[name] += 1
            for connection in opened:
                connection.close()
    assert taken.total() == 200
    assert min(taken.values()) > 50  # a fair coin comes below with 1e-12


def test_a_port_that_is_shared_is_nobody_elses() -> None:
    with reserve(HOST, 0) as reserved:
        port = reserved.getsockname()[1]
        with share(HOST, port) as ours:
            ours.listen()
            with pytest.raises(OSError, match="in use"):
                socket.create_server((HOST, port))


def test_a_port_that_somebody_listens_at_is_not_shared() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"{HOST}:{port}: .*in use"):
            reserve(HOST, port)
    with share(HOST, 0) as ours:
        ours.listen()
        with pytest.raises(ConfigError, match="in use"):
            reserve(HOST, ours.getsockname()[1])


def test_what_only_this_machine_can_say_is_said_before_the_start(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no certificate")
    for settings, said in (
        ({"host": f"unix:{tmp_path}/none/s"}, "proxy.host"),
        ({"host": f"unix:{tmp_path}/{'s' * 200}"}, "proxy.host"),
        ({"certificate": str(tmp_path / "none.pem")}, "proxy.certificate.*none.pem"),
        ({"certificate": str(wrong)}, "proxy.certificate.*wrong.pem"),
    ):
        with pytest.raises(ConfigError, match=said):
            verify(ProxySettings.model_validate(settings))
    verify(ProxySettings(host=f"unix:{tmp_path}/s"))
