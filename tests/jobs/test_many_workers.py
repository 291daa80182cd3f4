"""Several workers on one PostgreSQL, at the same time: what one would have done is done, and nothing twice."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from helpdesk.jobs.take_up import Successor
from helpdesk.model.delivery import Attempt, Delivery, Purpose
from helpdesk.model.message import MessageState
from tests.fakes import FakeFolder, FakeTransport, make_mail
from tests.jobs.conftest import Office, make_office
from tests.servers.postgres import Postgres

MAILS = 30
HOLDER = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = %s"


@pytest.fixture
def workers(tmp_path: Path, postgres_url: str) -> Iterator[list[Office]]:
    """Three workers that read one mailbox, and send through one server."""
    folder, transport = FakeFolder(), FakeTransport()
    offices = [make_office(tmp_path, url=postgres_url, worker=number) for number in (1, 2, 3)]
    for office in offices:
        office.folder = office.ingest.folder = folder
        office.transport = office.deliverer.transport = transport
    offices[0].start()
    yield offices
    for office in offices:
        office.store.close()


def all_at_once(offices: list[Office], work: Callable[[Office], object]) -> None:
    begin = threading.Barrier(len(offices))

    def at_once(office: Office) -> None:
        begin.wait()
        work(office)

    threads = [threading.Thread(target=at_once, args=(office,)) for office in offices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_one_outbox_is_emptied_by_all_each_mail_once(workers: list[Office]) -> None:
    for number in range(MAILS):
        workers[0].folder.put(make_mail(f"p{number}@example.org", message_id=f"<{number}@example.org>"))
    workers[0].ingest.poll()
    all_at_once(workers, lambda office: office.deliverer.deliver_due())
    assert Counter(each.id for each in workers[0].transport.tried).most_common(1)[0][1] == 1
    assert len(workers[0].transport.sent) == 2 * MAILS


def test_workers_that_read_a_folder_at_the_same_time_answer_each_person_once(workers: list[Office]) -> None:
    """One that was cut off may believe for a while that it has its turn still."""
    for number in range(MAILS):
        workers[0].folder.put(make_mail(f"p{number}@example.org", message_id=f"<{number}@example.org>"))
    all_at_once(workers, lambda office: office.work())
    for office in workers:
        # What one worker stored and another processed is done already; nothing may be left over or in quarantine.
        office.ingest.poll()
        office.deliverer.deliver_due()
    assert [workers[0].count(state) for state in MessageState] == [
        MAILS if state is MessageState.PROCESSED else 0 for state in MessageState
    ]
    assert len(workers[0].tickets()) == MAILS
    sent = Counter(each.purpose for each in workers[0].transport.sent)
    assert sent == {Purpose.ACKNOWLEDGEMENT: MAILS, Purpose.STAFF_ASSIGNED: MAILS}


def test_one_person_who_writes_in_two_folders_at_the_same_time_has_one_ticket(workers: list[Office]) -> None:
    """Whoever decides second sees the ticket that the first has opened."""
    for number, office in enumerate(workers):
        office.folder = office.ingest.folder = FakeFolder()
        office.ingest.policy = type(office.ingest.policy)(f"Folder{number}")
        office.start()
        office.folder.put(make_mail(message_id=f"<{number}@example.org>", body=f"Number {number}.\n"))
    all_at_once(workers, lambda office: office.work())
    assert len(workers[0].tickets()) == 1
    assert workers[0].count(MessageState.PROCESSED) == 3


def test_a_worker_whose_line_to_the_database_is_cut_while_it_sends_is_not_taken_for_dead(
    workers: list[Office], postgres: Postgres, postgres_url: str
) -> None:
    database, lease = make_url(postgres_url).database or "", timedelta(minutes=23)
    postgres.let_sessions_look_old(database)
    for number in range(4):
        workers[0].folder.put(make_mail(f"p{number}@example.org", message_id=f"<{number}@example.org>"))
    workers[0].ingest.poll()
    one, other = (make_office_again(workers[0], postgres_url) for _ in range(2))
    sends, tried = one.transport.send, one.transport.tried
    with closing(one.store), closing(other.store), one.store.presence(lease) as mine, other.store.presence(lease) as others:
        one.deliverer.presence, other.deliverer.presence = mine, others
        successor = Successor(other.store, others, other.clock, lease)

        def cut_and_send(delivery: Delivery) -> Attempt:
            if not tried:
                ((session,),) = postgres.execute(HOLDER, mine.number)
                assert postgres.end_sessions(database, f"pid = {session}") == 1
                successor.take_up()
                other.deliverer.deliver_due()
            return sends(delivery)

        one.transport.send = cut_and_send  # type: ignore[method-assign]
        one.deliverer.deliver_due()
        assert other.transport.tried == []
        assert Counter(each.id for each in tried).most_common(1)[0][1] == 1
        assert len(tried) == 8


def make_office_again(office: Office, url: str) -> Office:
    """One more worker, with connections that begin now, and a transport of its own."""
    return make_office(Path(), desk=office.desk, url=url)
