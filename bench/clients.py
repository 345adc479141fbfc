"""The generator: many people at once, each asking as a browser does, in a process of their own.

``python -m bench.clients < plan.json > outcome.json``. A plan names the server, how many sit at
once, what they do (``exam``, ``open``, ``save_one`` or ``save_all``), the key, and the sittings.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.lines import Answer, Line
from bench.sitting import Key, Request, Sitting, Steps


class Unexpected(Exception):
    """The server answered otherwise than it does when all is well."""


@dataclass
class Learner:
    """One person at a device. ``timed`` is told of every request: its name and its seconds."""

    line: Line
    sitting: Sitting
    timed: Callable[[str, float], None]

    async def follow(self, steps: Steps) -> None:
        """Make the requests of these steps one after the other; raises Unexpected, LineBroken."""
        try:
            request = next(steps)
            while True:
                request = steps.send(await self.ask(request))
        except StopIteration:
            pass

    async def ask(self, request: Request) -> Answer:
        """Make one request; raises Unexpected for any other status than the good one."""
        origin = f"http://{self.line.host}:{self.line.port}"
        headers = self.sitting.headers(request, origin=origin)
        began = time.perf_counter()
        answer = await self.line.ask(
            request.method, request.path, headers=headers, body=request.body
        )
        self.timed(request.name, time.perf_counter() - began)
        if answer.status != request.expect:
            said = answer.text()[:600]
            raise Unexpected(f"{request.name} {request.path}: {answer.status} {said}")
        return answer


@dataclass
class Outcome:
    """Seconds of every request by its name, of all together, and of the generator's CPU."""

    wall: float
    cpu: float
    seconds: dict[str, list[float]] = field(default_factory=dict)
    sittings: list[Sitting] = field(default_factory=list)


def run(*, port: int, do: str, sittings: Iterable[Sitting], key: Key, at_once: int = 32) -> Outcome:
    """Have a process of its own play the plan against 127.0.0.1; raises RuntimeError."""
    plan = {
        "port": port,
        "do": do,
        "at_once": at_once,
        "key": key,
        "sittings": [asdict(sitting) for sitting in sittings],
    }
    done = subprocess.run(
        [sys.executable, "-m", "bench.clients"],
        input=json.dumps(plan),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"The clients failed.\n{done.stderr[-4000:]}")
    outcome = json.loads(done.stdout)
    return Outcome(**outcome | {"sittings": [_sitting(one) for one in outcome["sittings"]]})


def _sitting(data: dict[str, Any]) -> Sitting:
    responses = {int(slot): response for slot, response in data["responses"].items()}
    return Sitting(**data | {"responses": responses})


async def _play(plan: dict[str, Any]) -> Outcome:
    """So many at once take the next sitting each, until none is left."""
    sittings = [_sitting(data) for data in plan["sittings"]]
    waiting = iter(sittings)
    seconds: dict[str, list[float]] = {}

    def timed(name: str, took: float) -> None:
        seconds.setdefault(name, []).append(took)

    async def one_device() -> None:
        async with Line("127.0.0.1", plan["port"]) as line:
            for sitting in waiting:
                steps: Steps = getattr(sitting, plan["do"])(plan["key"])
                await Learner(line, sitting, timed).follow(steps)

    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one_device() for _number in range(plan["at_once"])))
    return Outcome(
        wall=time.perf_counter() - wall,
        cpu=time.process_time() - cpu,
        seconds=seconds,
        sittings=sittings,
    )


if __name__ == "__main__":
    json.dump(asdict(asyncio.run(_play(json.load(sys.stdin)))), sys.stdout)
