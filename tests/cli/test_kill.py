from tests.cli.conftest import Run
from tests.conftest import Worked


def test_a_running_gate_is_put_into_shadow_and_back(run: Run, worked: Worked) -> None:
    gate = ("--url", worked.url, "--key", worked.key)

    killed = run("kill", *gate, "--reason", "an outage", "--by", "anna")
    resumed = run("resume", *gate, "--reason", "it is over")

    assert killed == (0, f"{worked.url}: shadow mode\n", "")
    assert resumed.code == 0
    log = worked.log.read_text()
    assert '"event":"killed"' in log
    assert '"by":"anna"' in log


def test_an_order_needs_a_reason_and_a_gate(run: Run, worked: Worked, nowhere: str) -> None:
    assert run("kill", "--url", worked.url, "--key", worked.key).code == 2
    astray = run("kill", "--url", f"{worked.url}/none", "--key", worked.key, "--reason", "x")
    assert astray.code == 2
    assert "the key was not sent" in astray.err
    assert run("kill", "--url", nowhere, "--reason", "x").code == 2
