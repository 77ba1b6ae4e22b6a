"""What a state is, as bytes; and a copy of it, as a snapshot would make one."""

from distillgate.engine.engine import Engine
from distillgate.engine.state import State
from distillgate.records import Part

Remembered = dict[str, list[bytes]]


def remembered(state: State) -> Remembered:
    """Return all that outlives a process, as bytes."""
    return {name: [*part.dump()] for name, part in state.parts().items()}


def moved(part: Part, into: Part) -> None:
    """Write a part, and read it into another."""
    for piece in part.dump():
        into.load(piece)


def copied(engine: Engine) -> State:
    """Return the engine's state as it is when it was written and read."""
    state = engine.blank()
    parts = state.parts()
    for name, part in engine.state.parts().items():
        moved(part, parts[name])
    return state
