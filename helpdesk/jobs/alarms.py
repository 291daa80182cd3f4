"""Says what is wrong with the service: each alarm once when it begins, and once when it is over.

What stands is in the database, so that a restart or a second worker says nothing again: only the worker whose row it is
tells. What nobody could be told of is tried again at each look. While the database is away, what was said is kept in mind.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from helpdesk.boundary import Boundary, reached
from helpdesk.core.health import (
    BY_MAIL,
    Alarm,
    announce_begin,
    announce_end,
    does_mail_flow,
    find_alarms,
    is_over,
    words_when_over,
)
from helpdesk.errors import DatabaseUnavailable
from helpdesk.jobs.carry_out import Desk
from helpdesk.jobs.letters import Alert
from helpdesk.jobs.ports import UnitOfWork
from helpdesk.jobs.vitals import Vitals
from helpdesk.log import Log
from helpdesk.model.health import AlarmName, AlarmState, Announcement, Figures, HealthFacts, RaisedAlarm, WatchPolicy
from helpdesk.model.staff import Role

LOOK_EVERY = 60.0
# What another worker raised and has not told of by now, it will not: it died, or a restart forgot.
TOLD_WITHIN = timedelta(minutes=5)

Say = Callable[[Announcement], bool]


@dataclass(slots=True)
class Alarms:
    """Looks, and says what changed. `say` tells a person on the alarm channel, and whether that went well.

    `standing` are the alarms that stand, in the database or in mind, as last seen; `pending` what is still to be said.
    """

    vitals: Vitals
    policy: WatchPolicy
    desk: Desk
    say: Say
    log: Log = field(default_factory=Log)
    standing: Mapping[str, RaisedAlarm] = field(default_factory=dict)
    pending: dict[str, Announcement] = field(default_factory=dict)
    mail_flows: bool = False
    _in_mind: dict[str, RaisedAlarm] = field(default_factory=dict)
    _said: set[str] = field(default_factory=set)

    def look(self) -> None:
        """Look once, record what changed, and say it. Raises nothing: what can't be done now is done at the next look."""
        facts, now = self.vitals.gather(), self.vitals.clock.now()
        found = find_alarms(facts, self.policy, now)
        try:
            self._settle(found, facts, now)
        except DatabaseUnavailable:
            self._keep_in_mind(found, now)
        self.mail_flows = does_mail_flow(facts, found, self.standing, self.policy)
        self._say_pending(now)

    def figures(self) -> Figures:
        """The service in numbers, for a monitor: a part that hangs shows at once, even where it is this one."""
        stuck = (AlarmName.WORKER_STUCK.value,) if self.vitals.pulse.is_stuck() else ()
        return replace(self.vitals.figures(), alarms=tuple(sorted({*self.standing, *stuck})))

    def _settle(self, found: Sequence[Alarm], facts: HealthFacts, now: datetime) -> None:
        """Bring the table to what was found and what is in mind; whoever changes a row says it."""
        with self.vitals.store.reading() as uow:
            raised = {each.name: each for each in uow.alarms.raised()}
        standing = {**self._in_mind, **raised}
        called_for = {alarm.name.value: alarm for alarm in found}
        over = [each for each in standing.values() if each.name not in called_for and is_over(each, facts, self.policy, now)]
        ended = {each.name for each in over}
        begun = {name: RaisedAlarm(name, now, None) for name in called_for if name not in standing}
        rowless = [each for each in {**self._in_mind, **begun}.values() if each.name not in {*raised, *ended}]
        if rowless or over:
            ours, over = self._record(rowless, over, called_for)
            for name in begun:
                if name in ours:
                    self._begin(called_for[name], now)
            for each in over:
                self._end(each)
        self._adopt(raised.values(), found, now)
        self.standing = {name: each for name, each in {**standing, **begun}.items() if name not in ended}
        self._in_mind = {}

    def _record(
        self, rowless: Sequence[RaisedAlarm], over: Sequence[RaisedAlarm], called_for: Mapping[str, Alarm]
    ) -> tuple[set[str], list[RaisedAlarm]]:
        """Write rows and mails; returns which of them are this worker's to tell of: another may have been quicker."""
        now = self.vitals.clock.now()
        with self.vitals.store.writing() as uow:
            ours = {each.name for each in rowless if uow.alarms.raise_(each.name, each.since)}
            # What was said while the database was away may never have had a row.
            ended = [each for each in over if uow.alarms.end(each.name) or each.name in self._in_mind]
            for name in sorted(ours & called_for.keys() & BY_MAIL):
                self._write(uow, _alert(called_for[name], now), now)
            for each in ended:
                if each.name in BY_MAIL:
                    self._write(uow, _end_alert(each), now)
            for name in sorted(ours & self._in_mind.keys() - self.pending.keys()):
                uow.alarms.told(name, now)
            uow.commit()
            reached(Boundary.ALARMS_RECORDED)
        return ours, ended

    def _write(self, uow: UnitOfWork, alert: Alert, now: datetime) -> None:
        self.desk.tell(self.desk.with_role(Role.ADMIN), alert, uow, now)

    def _keep_in_mind(self, found: Iterable[Alarm], now: datetime) -> None:
        """The database is away: say what is new all the same, and remember that it was said."""
        for alarm in found:
            if alarm.name not in self.standing:
                self._begin(alarm, now)
                self._in_mind[alarm.name] = RaisedAlarm(alarm.name, now, now)
        self.standing = {**self.standing, **self._in_mind}

    def _begin(self, alarm: Alarm, now: datetime) -> None:
        self.log.warning("alarm_began", name=alarm.name.value)
        self.pending[alarm.name] = announce_begin(alarm, now)

    def _end(self, raised: RaisedAlarm) -> None:
        self.log.info("alarm_over", name=raised.name)
        # It takes the place of a beginning that nobody could be told of: it tells of that too.
        self.pending[raised.name] = announce_end(raised, self.desk.letters.describe_moment)

    def _adopt(self, raised: Iterable[RaisedAlarm], found: Iterable[Alarm], now: datetime) -> None:
        """Take up what another worker raised and told nobody of, and leave what another has told of meanwhile."""
        standing = {each.name: each for each in raised}
        for name, announcement in list(self.pending.items()):
            if announcement.state is AlarmState.BEGAN and name in standing and standing[name].told_at is not None:
                del self.pending[name]
        # The note that this worker told of it may have failed.
        self._said &= standing.keys()
        untold = {name for name, each in standing.items() if each.told_at is None and now - each.since > TOLD_WITHIN}
        for alarm in found:
            if alarm.name in untold - self._said - self.pending.keys():
                self.pending[alarm.name] = announce_begin(alarm, standing[alarm.name].since)

    def _say_pending(self, now: datetime) -> None:
        said = [announcement for announcement in list(self.pending.values()) if self.say(announcement)]
        for announcement in said:
            del self.pending[announcement.name]
        begun = [announcement.name for announcement in said if announcement.state is AlarmState.BEGAN]
        self._said.update(begun)
        if not begun:
            return
        # Without the note of it, a restart says it once more: better than not at all.
        with suppress(DatabaseUnavailable), self.vitals.store.writing() as uow:
            for name in begun:
                uow.alarms.told(name, now)
            uow.commit()
            reached(Boundary.ALARMS_TOLD)


def _alert(alarm: Alarm, now: datetime) -> Alert:
    return Alert(f"alarm:{alarm.name}:{now.isoformat()}", alarm.what, alarm.mail, alarm.remedy)


def _end_alert(raised: RaisedAlarm) -> Alert:
    return Alert(
        cause=f"alarm-over:{raised.name}:{raised.since.isoformat()}",
        what=f"An alarm is over. {words_when_over(raised)}",
        mail="Nothing was lost: what waited meanwhile is taken up.",
        remedy="Nothing is left to be done about it.",
    )


@dataclass(slots=True)
class AlarmLoop:
    """Looks every minute, and at once when `wake` is set; pings the heartbeat after each look as long as mail flows."""

    alarms: Alarms
    heartbeat: Callable[[], bool]
    stop: threading.Event
    wake: threading.Event
    move: Callable[[], None] = lambda: None

    def run(self) -> None:
        while not self.stop.is_set():
            self.wake.clear()
            self.alarms.look()
            if self.alarms.mail_flows:
                self.heartbeat()
            self.move()
            self.wake.wait(LOOK_EVERY)
