"""Run the SDKs' own test suites against an upstream, and through the sidecar: `make test-peers`.

The suites come with the source distributions on the package index, and are kept outside the tree.
Each runs three times: against the upstream itself, through the sidecar in shadow, and in enforce.
Prints the outcomes, and ends with 1 if any test came out otherwise through the sidecar.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).parent
EXTRAS = {"openai": "aiohttp,realtime,bedrock,vertex", "anthropic": "aiohttp,bedrock,vertex,mcp"}
"""The SDKs, and what of their optional parts their suites use."""

NEEDED = [
    "azure-identity", "boto3", "dirty-equals", "griffe", "http-snapshot[httpx]", "hypothesis",
    "importlib-metadata", "inline-snapshot", "nest-asyncio", "opentelemetry-sdk", "packaging",
    "pillow", "pytest", "pytest-asyncio", "pytest-timeout", "pytest-xdist", "respx", "rich",
    "time-machine", "trio",
]  # fmt: skip
"""What the suites import beside the SDK."""

CONFIG = """
mode: {mode}
key: a key of this run
proxy: {{upstream: "{upstream}", port: 0, notice_seconds: 0}}
telemetry: {{log: {{destination: stdout}}}}
"""

Outcomes = Mapping[str, str]


def prepared(sdk: str, folder: Path) -> tuple[Path, Path]:
    """Fetch an SDK's source and set up what its suite needs; both are kept for the next time."""
    python, ready = folder / "env" / "bin" / "python", folder / "ready"
    if not ready.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder / "env")], check=True)
        pip = [str(python), "-m", "pip", "-q"]
        subprocess.run([*pip, "install", "-U", "pip"], check=True)
        fetch = ["download", "--no-deps", "--no-binary", sdk, "-d", str(folder), sdk]
        subprocess.run([*pip, *fetch], check=True)
        with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
            archive.extractall(folder, filter="data")
        installed = f"{source(folder)}[{EXTRAS[sdk]}]"
        subprocess.run([*pip, "install", *NEEDED, installed], check=True)
        ready.touch()
    return python, source(folder)


def source(folder: Path) -> Path:
    """Find the unpacked source."""
    return next(path for path in folder.glob("*-*") if path.is_dir())


@contextlib.contextmanager
def process(*command: str | Path) -> Iterator["subprocess.Popen[str]"]:
    """Run a server until the block ends."""
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield running
    finally:
        running.send_signal(signal.SIGINT)
        running.wait()


@contextlib.contextmanager
def sidecar(mode: str, upstream: str) -> Iterator[str]:
    """Run the sidecar in a mode; yields its URL."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(CONFIG.format(mode=mode, upstream=upstream))
        file.flush()
        command = (sys.executable, "-m", "distillgate", "serve", "--config", file.name)
        with process(*command) as running:
            assert running.stdout is not None
            line = next(line for line in running.stdout if '"listening"' in line)
            port = int(line.partition('"port":')[2].partition("}")[0].partition(",")[0])
            yield f"http://127.0.0.1:{port}"


def outcomes(python: Path, suite: Path, url: str, options: list[str]) -> Outcomes:
    """Run a suite against a base URL; returns how each test came out."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.xml"
        flags = ["-q", "-p", "no:cacheprovider", "--tb=no", "--timeout=120", f"--junitxml={report}"]
        subprocess.run(
            [python, "-m", "pytest", *flags, *(options or ["tests"])],
            cwd=suite,
            env={**os.environ, "TEST_API_BASE_URL": url},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        cases = ElementTree.parse(report).iter("testcase")
        return {f"{case.get('classname')}::{case.get('name')}": _outcome(case) for case in cases}


def _outcome(case: ElementTree.Element) -> str:
    for kind in ("failure", "error", "skipped"):
        found = case.find(kind)
        if found is not None:
            return f"{kind}: {found.get('message', '')[:200]!r}"
    return "passed"


def told(sdk: str, way: str, found: Outcomes) -> None:
    """Print how many came out how."""
    counts = Counter(one.partition(":")[0] for one in found.values())
    print(f"{sdk:10} {way:18} {len(found):5} tests: {dict(counts)}", flush=True)


def compared(sdk: str, folder: Path, options: list[str]) -> int:
    """Run one suite in all three ways; returns the number of tests that came out otherwise."""
    python, suite = prepared(sdk, folder)
    different = 0
    with process(python, HERE / "answers.py", sdk) as running:
        assert running.stdout is not None
        upstream = f"http://127.0.0.1:{int(running.stdout.readline())}"
        alone = outcomes(python, suite, upstream, options)
        told(sdk, "alone", alone)
        if not any(one == "passed" for one in alone.values()):
            raise SystemExit(f"no test of {sdk} passes without the gate: nothing can be compared")
        for mode in ("shadow", "enforce"):
            with sidecar(mode, upstream) as url:
                gated = outcomes(python, suite, url, options)
            told(sdk, f"through {mode}", gated)
            for name in sorted(alone.keys() | gated.keys()):
                one, other = alone.get(name, "missing"), gated.get(name, "missing")
                if one.partition(":")[0] != other.partition(":")[0]:
                    different += 1
                    print(f"  {name}\n    alone: {one}\n    {mode}: {other}")
    return different


def main() -> int:
    """Compare every suite."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(".peers"), help="what is fetched")
    parser.add_argument("--sdk", choices=list(EXTRAS), action="append", help="only this one")
    parser.add_argument("options", nargs="*", help="what pytest is told instead of `tests`")
    given = parser.parse_args()
    folder = given.folder.resolve()
    different = sum(compared(sdk, folder / sdk, given.options) for sdk in given.sdk or EXTRAS)
    print("no difference" if not different else f"{different} tests came out otherwise")
    return 1 if different else 0


if __name__ == "__main__":
    raise SystemExit(main())
