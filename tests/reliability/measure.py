"""One run of a fault: mail before, during and after it, and how long it takes until all of that is dealt with."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from tests.reliability.faults import Fault
from tests.reliability.results import Findings
from tests.reliability.strikes import MAILS
from tests.reliability.world import PATIENCE, Kind, World, await_state, running_world
from tests.servers.postgres import Postgres


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of a run, in seconds by the worker's clock.

    `lasted`: the fault, until it was felt as it should be. `well_after` its end: until all mail was dealt with.
    """

    fault: Fault
    kind: Kind
    lasted: float
    well_after: float
    findings: Findings
    problems: tuple[str, ...]

    @property
    def told(self) -> str:
        """What became of the mail, for a table."""
        findings, gone = self.findings, self.fault.expected.gone
        mails = findings.deposited - gone
        parts = [f"{mails} mails: one ticket, one acknowledgement and one notice each"]
        if findings.failed:
            sent = f"{2 * mails - findings.failed} of {2 * mails} acknowledgements and notices sent"
            parts = [f"{mails} mails: one ticket each", sent, f"{findings.failed} refused for good, and shown on the ticket"]
        if findings.doubles:
            parts.append(f"{len(findings.doubles)} sent twice, with the same Message-ID")
        if gone:
            parts.append(f"{gone} deleted by a person before it was read")
        return "; ".join(parts)


def run(fault: Fault, kind: Kind, patience: float = PATIENCE, server: Postgres | None = None) -> Measured:
    """One run, on a PostgreSQL `server` that runs already, or on a fresh one.

    Raises NotSettled, with the worker's log as a note, when all does not become well.
    """
    with running_world(kind, replace(fault.around, postgres=server)) as world:
        try:
            return _measure(fault, world, patience)
        except BaseException as error:
            error.add_note(world.log())
            raise


def _measure(fault: Fault, world: World, patience: float) -> Measured:
    world.deposit(MAILS)
    world.start_worker()
    world.settled(patience)
    world.await_idle(patience)
    began = _passed(world)
    with fault.strike(world) as felt:
        world.deposit(MAILS)
        await_state(felt, "the worker feels the fault", patience)
        lasted = _passed(world) - began
    ended = _passed(world)
    world.deposit(MAILS)
    world.settled(patience, never=fault.expected.gone)
    well_after = _passed(world) - ended
    await_state(lambda: world.unmarked() == 0, "every message is moved out of the inbox", patience)
    lived = world.worker.is_alive()
    code = world.worker.stop()
    findings = world.findings()
    expected = fault.expected
    problems = findings.problems(doubles=expected.doubles, failed=expected.failed, gone=expected.gone)
    if not lived or code:
        problems.append(f"the worker ended by itself, with code {code}")
    return Measured(fault, world.kind, lasted, well_after, findings, tuple(problems))


def _passed(world: World) -> float:
    """Seconds that the worker has lived through, however its clock was set."""
    return (time.monotonic() - world.clock.began) * world.clock.speed
