"""The IMAP edge on a real Dovecot, over TLS."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from helpdesk.clock import SystemClock
from helpdesk.errors import MailboxUnavailable
from helpdesk.mail.mailbox import ImapFolder, probe_mailbox
from helpdesk.mail.mailbox import folder as folder_module
from helpdesk.model.policy import AfterProcessing, FolderPolicy, Security, ServerLogin
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import running_wire

KEEP = FolderPolicy("INBOX")
KEYWORD = FolderPolicy("INBOX", after=AfterProcessing.KEYWORD)
MOVE = FolderPolicy("INBOX", after=AfterProcessing.MOVE, move_to="Helpdesk/Done")


def mail(number: int) -> bytes:
    return f"From: sam@example.org\r\nSubject: Mail {number}\r\n\r\n.Hello {number}\r\n".encode()


@contextmanager
def opened(server: Dovecot, user: str, policy: FolderPolicy = KEEP) -> Iterator[ImapFolder]:
    folder = ImapFolder(server.login(user), policy, SystemClock())
    try:
        yield folder
    finally:
        folder.close()


def through(login: ServerLogin, port: int) -> ServerLogin:
    """The same server, by another port."""
    return replace(login, port=port)


@pytest.fixture
def user(dovecot: Dovecot) -> str:
    return dovecot.fresh_user()


@pytest.mark.parametrize("security", list(Security), ids=str)
def test_logs_in_however_the_connection_is_protected(dovecot: Dovecot, user: str, security: Security) -> None:
    folder = ImapFolder(dovecot.login(user, security=security), KEEP, SystemClock())

    assert folder.status().exists == 0

    folder.close()


def test_user_name_and_password_beyond_ascii_reach_the_server(dovecot: Dovecot) -> None:
    folder = ImapFolder(dovecot.login("zoë", password="pässwörd"), KEEP, SystemClock())

    # The server knows another password: what matters is that it was asked.
    with pytest.raises(MailboxUnavailable, match="refused the login"):
        folder.status()

    folder.close()


def test_empty_mailbox_has_nothing(dovecot: Dovecot, user: str) -> None:
    with opened(dovecot, user) as folder:
        status = folder.status()

        assert (status.exists, status.uidnext) == (0, 1)
        assert folder.uids_from(1) == folder.newest_uids(500) == []
        assert folder.summaries([1, 2]) == []
        assert folder.fetch([1, 2]) == []
        assert folder.fetch([]) == []


def test_messages_come_byte_for_byte_with_their_place(dovecot: Dovecot, user: str) -> None:
    received_at = datetime(2026, 3, 29, 1, 30, tzinfo=timezone(timedelta(hours=-5)))
    dovecot.append(user, mail(1), received_at=received_at)
    dovecot.append(user, mail(2))

    with opened(dovecot, user) as folder:
        status = folder.status()
        first, second = folder.fetch([2, 1])

        assert (first.uid, second.uid) == (1, 2)
        assert (first.raw, second.raw) == (mail(1), mail(2))
        assert first.uidvalidity == status.uidvalidity
        assert first.received_at == received_at
        assert first.received_at.tzinfo is UTC
        summary, _ = folder.summaries([1, 2])
        assert (summary.uid, summary.received_at, summary.size) == (1, received_at, len(mail(1)))


def test_thousand_waiting_messages_are_found(dovecot: Dovecot, user: str) -> None:
    with opened(dovecot, user) as folder:
        folder.status()
        for number in range(1000):
            dovecot.drop(user, mail(number))

        assert folder.status().exists == 1000
        assert folder.uids_from(1) == list(range(1, 1001))
        assert folder.uids_from(999) == [999, 1000]
        assert folder.newest_uids(500) == list(range(501, 1001))
        assert len(folder.summaries(range(1, 1001))) == 1000


def test_no_uid_below_the_first_is_returned(dovecot: Dovecot, user: str) -> None:
    dovecot.append_all(user, [mail(1), mail(2)])

    with opened(dovecot, user) as folder:
        folder.status()

        assert folder.uids_from(3) == []


def test_folder_whose_uids_fill_no_single_answer_is_searched_in_windows(
    dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_module, "UIDS_IN_AN_ANSWER", 3)
    dovecot.append_all(user, [mail(number) for number in range(10)])

    with opened(dovecot, user) as folder:
        folder.status()

        assert folder.uids_from(1) == list(range(1, 11))
        assert folder.uids_from(4) == list(range(4, 11))
        assert folder.uids_from(9) == [9, 10]


def test_a_person_reading_changes_nothing_and_neither_do_we(dovecot: Dovecot, user: str) -> None:
    dovecot.append_all(user, [mail(1), mail(2)])

    with opened(dovecot, user) as folder, dovecot.client(user) as person:
        folder.status()
        person.add_flags([1], [rb"\Seen"])

        assert folder.uids_from(1) == [1, 2]
        assert [message.raw for message in folder.fetch([1, 2])] == [mail(1), mail(2)]
        folder.mark_processed([1, 2])

        assert rb"\Seen" not in person.get_flags([2])[2]


def test_keeping_leaves_even_recent_as_it_was(dovecot: Dovecot, user: str) -> None:
    with opened(dovecot, user) as folder:
        folder.status()
        dovecot.drop(user, mail(1))
        folder.status()
        folder.fetch([1])

    with dovecot.client(user) as person:
        assert rb"\Recent" in person.get_flags([1])[1]


def test_message_expunged_between_search_and_fetch_is_simply_missing(dovecot: Dovecot, user: str) -> None:
    dovecot.append_all(user, [mail(1), mail(2), mail(3)])

    with opened(dovecot, user) as folder:
        folder.status()
        assert folder.uids_from(1) == [1, 2, 3]
        with dovecot.client(user) as person:
            person.delete_messages([2])
            person.expunge()

        assert [message.uid for message in folder.fetch([1, 2, 3])] == [1, 3]
        assert [summary.uid for summary in folder.summaries([1, 2, 3])] == [1, 3]


def test_message_whose_file_is_gone_does_not_take_the_others_along(dovecot: Dovecot, user: str) -> None:
    dovecot.append_all(user, [mail(1), mail(2), mail(3)])

    with opened(dovecot, user) as folder:
        folder.status()
        folder.summaries([1, 2, 3])
        for path in (dovecot.directory / "mail" / user / "Maildir").glob("*/*"):
            if path.is_file() and b"Mail 2" in path.read_bytes():
                path.unlink()

        assert [message.uid for message in folder.fetch([1, 2, 3])] == [1, 3]


def test_large_batch_is_fetched_in_portions(dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "BYTES_IN_A_FETCH", len(mail(1)) * 2)
    dovecot.append_all(user, [mail(number) for number in range(1, 6)])

    with opened(dovecot, user) as folder:
        folder.status()

        assert [message.raw for message in folder.fetch([1, 2, 3, 4, 5])] == [mail(number) for number in range(1, 6)]


def test_message_of_60_megabytes_is_held_in_memory_once(dovecot: Dovecot, user: str) -> None:
    line = b"x" * 76 + b"\r\n"
    large = b"Subject: large\r\n\r\n" + line * (60_000_000 // len(line))
    with opened(dovecot, user) as folder:
        folder.status()
        dovecot.drop(user, large)
        folder.status()
        folder.summaries([1])

        tracemalloc.start()
        try:
            (message,) = folder.fetch([1])
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert message.raw == large
        assert peak < 1.5 * len(large)


def test_new_uidvalidity_is_told(dovecot: Dovecot, user: str) -> None:
    dovecot.append(user, mail(1), folder="Desk")

    with opened(dovecot, user, FolderPolicy("Desk")) as folder:
        before = folder.status()
        with dovecot.client(user) as person:
            person.delete_folder("Desk")
        dovecot.append(user, mail(2), folder="Desk")
        after = folder.status()
        (message,) = folder.fetch([1])

        assert after.uidvalidity != before.uidvalidity
        assert (message.uidvalidity, message.raw) == (after.uidvalidity, mail(2))


def test_uids_of_an_older_uidvalidity_are_not_used_after_a_reconnection(dovecot: Dovecot, user: str) -> None:
    dovecot.append(user, mail(1), folder="Desk")
    policy = FolderPolicy("Desk", after=AfterProcessing.KEYWORD)

    with running_wire(dovecot.tls_port) as wire:
        login = dovecot.login(user)
        folder = ImapFolder(through(login, wire.port), policy, SystemClock())
        folder.status()
        with dovecot.client(user) as person:
            person.delete_folder("Desk")
        dovecot.append(user, mail(2), folder="Desk")
        wire.cut_after = 0
        with pytest.raises(MailboxUnavailable):
            folder.fetch([1])
        wire.cut_after = None

        with pytest.raises(MailboxUnavailable, match="new numbers"):
            folder.mark_processed([1])
        folder.close()

    with dovecot.client(user, "Desk") as person:
        assert b"$HelpdeskDone" not in person.get_flags([1])[1]


def test_keyword_marks_processed_messages(dovecot: Dovecot, user: str) -> None:
    dovecot.append_all(user, [mail(1), mail(2)])

    with opened(dovecot, user, KEYWORD) as folder:
        folder.status()
        folder.mark_processed([2])

    with dovecot.client(user) as person:
        flags = person.get_flags([1, 2])
    assert (b"$HelpdeskDone" in flags[1], b"$HelpdeskDone" in flags[2]) == (False, True)
    assert rb"\Seen" not in flags[2]


def test_move_takes_processed_messages_to_a_folder_that_it_makes(dovecot: Dovecot, user: str) -> None:
    dovecot.append_all(user, [mail(1), mail(2), mail(3)])

    with opened(dovecot, user, MOVE) as folder:
        folder.status()
        folder.mark_processed([1])
        # The second time the folder is there; a message that a person has moved meanwhile is no failure.
        folder.mark_processed([1, 3])
        folder.mark_processed([])

        assert folder.status().exists == 1
        assert folder.uids_from(1) == [2]

    with opened(dovecot, user, FolderPolicy("Helpdesk/Done")) as done:
        assert done.status().exists == 2
        assert [message.raw for message in done.fetch(done.uids_from(1))] == [mail(1), mail(3)]


def test_connection_cut_in_the_middle_of_a_message_is_made_anew(dovecot: Dovecot, user: str) -> None:
    large = b"Subject: x\r\n\r\n" + b"y" * 1_000_000 + b"\r\n"
    dovecot.append(user, large)

    with running_wire(dovecot.tls_port) as wire:
        folder = ImapFolder(through(dovecot.login(user), wire.port), KEEP, SystemClock())
        folder.status()
        wire.cut_after = 300_000

        with pytest.raises(MailboxUnavailable, match=r"No mail was touched"):
            folder.fetch([1])
        wire.cut_after = None

        assert folder.fetch([1])[0].raw == large
        assert wire.connections == 2
        folder.close()


def test_missing_folder_is_named_with_those_that_are_there(dovecot: Dovecot, user: str) -> None:
    dovecot.append(user, mail(1), folder="Spam")

    with opened(dovecot, user, FolderPolicy("Junk")) as folder, pytest.raises(MailboxUnavailable) as raised:
        folder.status()

    assert 'no folder "Junk"' in str(raised.value)
    assert '"INBOX"' in str(raised.value)
    assert '"Spam"' in str(raised.value)


def test_folder_that_comes_to_exist_is_used_at_the_next_poll(dovecot: Dovecot, user: str) -> None:
    with opened(dovecot, user, FolderPolicy("Junk")) as folder:
        with pytest.raises(MailboxUnavailable):
            folder.status()
        dovecot.append(user, mail(1), folder="Junk")

        assert folder.status().exists == 1


def test_probe_looks_into_every_folder(dovecot: Dovecot, user: str) -> None:
    dovecot.append(user, mail(1), folder="Junk")

    probe_mailbox(dovecot.login(user), ["INBOX", "Junk"])

    with pytest.raises(MailboxUnavailable, match='no folder "Spam"'):
        probe_mailbox(dovecot.login(user), ["INBOX", "Spam"])


def test_closing_twice_and_using_it_again_does_no_harm(dovecot: Dovecot, user: str) -> None:
    folder = ImapFolder(dovecot.login(user), KEEP, SystemClock())
    folder.status()
    folder.close()
    folder.close()

    assert folder.status().exists == 0
    assert folder.wait(60) is False

    folder.close()
