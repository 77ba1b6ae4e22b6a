import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

# In a process of its own: forking is for processes without other threads.
SCRIPT = """
import json, os, sys
from pathlib import Path
from benchmarks.detection.workers import Workers

told = []
workers = Workers(2, Path(sys.argv[1]), lambda name, found: told.append(name))
parent = os.getpid()
for number in range(4):
    workers.run(number, lambda number=number: (number * number, os.getpid() != parent))

def grow():
    for number in (10, 20):
        if workers.fork(number):
            return number + 1, True
    return 0, False

trunk = workers.carry(grow)
found = dict(workers.results())
workers.run("broken", lambda: 1 / 0)
try:
    list(workers.results())
except RuntimeError as error:
    failed = str(error)
print(json.dumps([found, trunk, sorted(map(str, told)), failed]))
"""


def test_work_is_done_in_children_and_a_fork_on_the_way_ends_there(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

    found, trunk, told, failed = json.loads(done.stdout)
    squares = {str(n): [n * n, True] for n in range(4)}
    assert found == {**squares, "10": [11, True], "20": [21, True]}
    assert trunk == [0, False]
    assert told == sorted(found)
    assert failed == "broken: its process failed"
    assert "ZeroDivisionError" in done.stderr
    assert list(tmp_path.iterdir()) == []
