"""What starts a sidecar somewhere: image, compose file, chart, unit, and the environment's file."""

import fnmatch
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from distillgate.config.load import load
from distillgate.config.schema import Config

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm" / "distillgate"
ENVIRONMENT = DEPLOY / "environment.yaml"
VALUES: dict[str, tuple[str, str, Any]] = {
    "MODE": ("mode", "enforce", "enforce"),
    "KEY": ("key", "12345678901234567890", "12345678901234567890"),
    "UPSTREAM": ("proxy.upstream", "unix:/run/model.sock", "unix:/run/model.sock"),
    "HOST": ("proxy.host", "unix:/run/gate.sock", "unix:/run/gate.sock"),
    "PORT": ("proxy.port", "9000", 9000),
    "WORKERS": ("proxy.workers", "4", 4),
    "CERTIFICATE": ("proxy.certificate", "chain.pem", "chain.pem"),
    "CERTIFICATE_KEY": ("proxy.certificate_key", "key.pem", "key.pem"),
    "ADMIN_KEY": ("admin.key", "another secret", "another secret"),
    "OPEN_METRICS": ("admin.open_metrics", "true", True),
    "ACCOUNT_HEADER": ("asgi.identity.header", "x-account", "x-account"),
    "LOG_PATH": ("log.path", "log.sqlite", "log.sqlite"),
    "LOG_URL": ("log.url", "redis://valkey:6379/0", "redis://valkey:6379/0"),
    "CONTACT": ("actions.contact", "help@example.com", "help@example.com"),
}
"""Each variable, the setting it gives, a value, and what becomes of it."""
BESIDE = {"CERTIFICATE_KEY": {"CERTIFICATE": "chain.pem"}}
"""What a variable needs beside it."""


def _setting(config: Config, path: str) -> Any:
    value: Any = config
    for name in path.split("."):
        value = getattr(value, name)
    reveal = getattr(value, "get_secret_value", None)
    return value if reveal is None else reveal()


@pytest.mark.parametrize("name", VALUES)
def test_a_variable_gives_its_setting_and_its_absence_the_default(name: str) -> None:
    path, given, meant = VALUES[name]
    others = {f"DISTILLGATE_{key}": value for key, value in BESIDE.get(name, {}).items()}

    config = load(ENVIRONMENT, environ={f"DISTILLGATE_{name}": given, **others})

    assert _setting(config, path) == meant
    assert _setting(load(ENVIRONMENT, environ={}), path) == _setting(Config(), path)


def test_every_variable_is_tried_and_described() -> None:
    text = "\n".join(re.findall(r"(?m)^ *[^#\s].*$", ENVIRONMENT.read_text()))
    named = set(re.findall(r"\$\{DISTILLGATE_(\w+)", text))
    page = (ROOT / "docs" / "deploying.md").read_text()

    assert named == {*VALUES, "TRUSTED"}
    assert [name for name in named if f"| `DISTILLGATE_{name}` |" not in page] == []
    trusting = load(ENVIRONMENT, environ={"DISTILLGATE_TRUSTED": "10.0.0.0/8"})
    assert [str(one) for one in trusting.asgi.address.trusted] == ["10.0.0.0/8"]


def _context(target: Path) -> Path:
    """Copy what the ignore file lets into a build of the image."""
    rules = (DEPLOY / "Dockerfile.dockerignore").read_text().split()
    left = [rule.removeprefix("**/") for rule in rules if rule.startswith("**/")]
    for name in (rule[1:] for rule in rules if rule.startswith("!")):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns(*left))
        else:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    return target


def test_what_the_image_is_made_of_is_a_package_that_runs_without_its_sources(
    tmp_path: Path,
) -> None:
    context, place = _context(tmp_path / "context"), tmp_path / "place"
    build = "import setuptools.build_meta as b; b.build_wheel('..')"
    done = subprocess.run(
        [sys.executable, "-c", build], cwd=context, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    shutil.rmtree(context)
    (wheel,) = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(place)

    code = "import distillgate, sys; from distillgate.__main__ import main; "
    code += f"assert distillgate.__file__.startswith({str(place)!r}); sys.exit(main())"
    ran = [
        subprocess.run(
            [sys.executable, "-c", code, *words.split()],
            cwd=tmp_path, capture_output=True, text=True, check=False,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(place)},
        )
        for words in (f"check --config {ENVIRONMENT}", "drill --list")
    ]  # fmt: skip

    assert [one.returncode for one in ran] == [0, 0], [one.stderr for one in ran]
    names = [path.relative_to(place).as_posix() for path in place.rglob("*")]
    assert fnmatch.filter(names, "distillgate/admin/console/templates/*.html")
    assert not fnmatch.filter(names, "*.[ch]")


def test_the_image_runs_as_nobody_in_particular_and_says_so_last() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    last = text.rpartition("\nFROM ")[2]

    assert re.search(r"(?m)^USER (\d+):\d+$", last)
    assert "RUN" not in last, "the second stage has neither compiler nor installer"
    assert 'ENTRYPOINT ["distillgate"]' in last
    copied = re.findall(r"(?m)^COPY (?!--)(\S+) ", text)
    assert all((ROOT / name).exists() for name in copied)


def test_the_compose_file_gives_nobody_more_than_it_needs() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    services = compose["services"]

    assert set(services) == {"upstream", "gate", "valkey", "prometheus", "grafana"}
    for name, service in services.items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert not service["image"].endswith(":latest"), name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in compose["volumes"] or (DEPLOY / source).is_file(), source
    variables = {name.removeprefix("DISTILLGATE_") for name in services["gate"]["environment"]}
    assert variables <= set(VALUES)
    (job,) = yaml.safe_load((DEPLOY / "prometheus.yaml").read_text())["scrape_configs"]
    assert job["static_configs"] == [{"targets": ["gate:8080"]}]
    assert job["metrics_path"] == f"{Config().admin.path}/metrics"


RENDERED: dict[str, tuple[dict[str, Any], set[str]]] = {
    "gateway": ({}, {"ConfigMap", "Deployment", "Service", "PodDisruptionBudget"}),
    "sidecar": (
        {"mode": "sidecar", "model": {"name": "model", "image": "vllm"}},
        {"ConfigMap", "Deployment", "Service", "PodDisruptionBudget"},
    ),
    "scaled": (
        {"logUrl": "${DISTILLGATE_LOG_URL}", "autoscaling": {"enabled": True}},
        {"ConfigMap", "Deployment", "Service", "PodDisruptionBudget", "HorizontalPodAutoscaler"},
    ),
}


@pytest.mark.parametrize("case", RENDERED)
def test_the_chart_passes_lint_and_renders_what_kubernetes_and_the_gate_take(
    case: str, tmp_path: Path
) -> None:
    chart = pytest.importorskip("helm_python.chart", reason="pip install helm-python-sdk")
    schemas = pytest.importorskip("kubernetes_validate", reason="pip install kubernetes-validate")
    values, kinds = {"secret": "gate", **RENDERED[case][0]}, RENDERED[case][1]

    report = chart.lint(CHART, values, strict=True)
    rendered = chart.Chart.load(str(CHART)).render(values, name="gate", namespace="models")
    found = {one["kind"]: one for one in map(yaml.safe_load, rendered.values()) if one}

    assert [one for one in report["messages"] if one["severity"] > 1] == report["errors"] == []
    assert set(found) == kinds
    for manifest in found.values():
        schemas.validate(manifest, "1.34", strict=True)
    pod = found["Deployment"]["spec"]["template"]["spec"]
    (gate,) = (
        one for one in (*pod["containers"], *pod.get("initContainers", [])) if one["name"] == "gate"
    )
    assert gate["securityContext"]["readOnlyRootFilesystem"]
    assert (gate.get("restartPolicy") == "Always") is (case == "sidecar")
    path = tmp_path / "config.yaml"
    path.write_text(found["ConfigMap"]["data"]["config.yaml"])
    names = ("KEY", "ADMIN_KEY", "LOG_URL")
    config = load(path, environ={f"DISTILLGATE_{name}": VALUES[name][1] for name in names})
    assert config.proxy.drain_seconds + config.proxy.notice_seconds < pod[
        "terminationGracePeriodSeconds"
    ]  # fmt: skip
    assert config.proxy.upstream.startswith("http://127.0.0.1" if case == "sidecar" else "http://m")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, "name a Secret"),
        ({"secret": "s", "replicas": 2}, "share a log"),
        ({"secret": "s", "mode": "sidecar"}, "describe the model"),
        ({"secret": "s", "mode": "ambient"}, "mode"),
    ],
)
def test_the_chart_refuses_what_could_not_work(values: dict[str, Any], told: str) -> None:
    chart = pytest.importorskip("helm_python.chart", reason="pip install helm-python-sdk")

    with pytest.raises(Exception, match=told):
        chart.Chart.load(str(CHART)).render(values, name="gate")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_takes_the_unit_and_finds_it_hardened(tmp_path: Path) -> None:
    unit = tmp_path / "distillgate.service"
    text = (DEPLOY / "distillgate.service").read_text()
    unit.write_text(text.replace("/usr/local/bin/distillgate", str(shutil.which("true"))))
    asked = [["verify", "--man=no"], ["security", "--offline=yes", "--threshold=20"]]

    ended = [
        subprocess.run(
            ["systemd-analyze", *words, str(unit)], capture_output=True, text=True, check=False
        )
        for words in asked
    ]

    assert [one.returncode for one in ended] == [0, 0], [one.stdout + one.stderr for one in ended]
    assert ended[0].stderr == ""
