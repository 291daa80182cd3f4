"""Waiting for mail: no wake-up is lost, no dead connection is trusted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from helpdesk.clock import SystemClock
from helpdesk.errors import MailboxUnavailable
from helpdesk.mail import idle
from helpdesk.mail.mailbox import ImapFolder
from helpdesk.mail.mailbox.session import open_session
from helpdesk.model.policy import FolderPolicy, Security
from tests.servers.dovecot import Dovecot, running_dovecot
from tests.servers.scripted_imap import Do, ScriptedImap, Step

MAIL = b"From: sam@example.org\r\nSubject: Hello\r\n\r\nHello\r\n"
INBOX = FolderPolicy("INBOX")
# Nothing waits so long unless it is broken: a wake-up that was lost shows as False.
LONG = 20.0
ENDS_IDLE: tuple[Step, ...] = (Do.AWAIT_DONE, "{tag} OK done")


@pytest.fixture
def folder(script: ScriptedImap) -> Iterator[ImapFolder]:
    folder = ImapFolder(script.login(), INBOX, SystemClock())
    folder.status()
    yield folder
    folder.close()


def in_a_thread(call: Callable[[], bool]) -> Future[bool]:
    pool = ThreadPoolExecutor(1)
    future = pool.submit(call)
    pool.shutdown(wait=False)
    return future


@pytest.mark.parametrize("security", [Security.TLS, Security.NONE], ids=str)
def test_mail_that_comes_between_search_and_idle_wakes(dovecot: Dovecot, security: Security) -> None:
    user = dovecot.fresh_user()
    folder = ImapFolder(dovecot.login(user, security=security), INBOX, SystemClock())

    for number in range(1, 11):
        folder.status()
        assert folder.uids_from(number) == []
        dovecot.drop(user, MAIL)
        assert folder.wait(LONG) is True, f"mail {number} woke nobody"

    assert folder.status().exists == 10
    folder.close()


def test_mail_that_comes_while_idle_wakes(dovecot: Dovecot) -> None:
    user = dovecot.fresh_user()
    folder = ImapFolder(dovecot.login(user), INBOX, SystemClock())
    folder.status()

    waiting = in_a_thread(lambda: folder.wait(LONG))
    dovecot.append(user, MAIL)

    assert waiting.result(LONG) is True
    folder.close()


def test_quiet_mailbox_lets_the_time_pass_and_goes_on_working(dovecot: Dovecot) -> None:
    user = dovecot.fresh_user()
    folder = ImapFolder(dovecot.login(user), INBOX, SystemClock())
    folder.status()

    assert folder.wait(0.05) is False
    assert folder.wait(0) is False

    assert folder.uids_from(1) == []
    folder.close()


def test_interrupt_ends_the_wait_of_another_thread(dovecot: Dovecot) -> None:
    folder = ImapFolder(dovecot.login(dovecot.fresh_user()), INBOX, SystemClock())
    folder.status()

    waiting = in_a_thread(lambda: folder.wait(600))
    folder.interrupt()

    assert waiting.result(LONG) is False
    assert folder.status().exists == 0
    folder.close()


def test_interrupt_ends_an_idle_that_has_begun(script: ScriptedImap, folder: ImapFolder) -> None:
    script.once("IDLE", "+ idling", folder.interrupt, *ENDS_IDLE)

    assert folder.wait(LONG) is False
    assert script.commands[-1] == "DONE"
    assert folder.status().exists == 3


def test_close_ends_the_wait_of_another_thread(dovecot: Dovecot) -> None:
    folder = ImapFolder(dovecot.login(dovecot.fresh_user()), INBOX, SystemClock())
    folder.status()

    waiting = in_a_thread(lambda: folder.wait(600))
    folder.close()

    assert waiting.result(LONG) is False


def test_server_that_dies_while_idle_is_noticed() -> None:
    with running_dovecot() as server:
        folder = ImapFolder(server.login("sam"), INBOX, SystemClock())
        folder.status()

        waiting = in_a_thread(lambda: folder.wait(600))
        server.kill()

        with pytest.raises(MailboxUnavailable, match="No mail was touched"):
            waiting.result(LONG)
        folder.close()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(("+ idling", "* 4 EXISTS", *ENDS_IDLE), id="together with the plus"),
        pytest.param(("* 4 EXISTS", "+ idling", *ENDS_IDLE), id="before the plus"),
        pytest.param(("+ idling", "* OK still here", "* 1 RECENT", "* 4 EXISTS", *ENDS_IDLE), id="after other lines"),
        pytest.param(("+ idling", "IS TS", *ENDS_IDLE), id="as the second half of a line"),
    ],
)
def test_told_of_mail_in_any_way_wakes(script: ScriptedImap, folder: ImapFolder, answer: tuple[Step, ...]) -> None:
    script.once("IDLE", *answer)
    began_at = time.monotonic()

    assert folder.wait(LONG) is True
    assert script.commands[-1] == "DONE"
    assert time.monotonic() - began_at < LONG / 2


def test_told_of_mail_when_idle_ends_wakes(script: ScriptedImap, folder: ImapFolder) -> None:
    script.once("IDLE", "+ idling", Do.AWAIT_DONE, "* 4 EXISTS", "{tag} OK done")

    assert folder.wait(0.05) is True


def test_told_of_mail_in_the_answer_to_a_search_wakes_without_idle(script: ScriptedImap, folder: ImapFolder) -> None:
    script.once("UID SEARCH", "* SEARCH 1 2 3", "* 4 EXISTS", "{tag} OK done")
    assert folder.uids_from(1) == [1, 2, 3]

    assert folder.wait(LONG) is True
    assert "IDLE" not in script.commands


def test_server_that_told_no_count_is_waited_for(script: ScriptedImap) -> None:
    script.always("EXAMINE", "* OK [UIDVALIDITY 7] ok", "* OK [UIDNEXT 4] ok", "{tag} OK done")
    script.once("IDLE", "+ idling", "* 1 EXISTS", *ENDS_IDLE)
    folder = ImapFolder(script.login(), INBOX, SystemClock())

    assert folder.status().exists == 0
    assert folder.wait(LONG) is True

    folder.close()


def test_same_news_wakes_only_once(script: ScriptedImap, folder: ImapFolder) -> None:
    script.once("UID SEARCH", "* SEARCH 1 2 3", "* 4 EXISTS", "{tag} OK done")
    script.always("IDLE", "+ idling", *ENDS_IDLE)
    folder.uids_from(1)

    assert folder.wait(LONG) is True
    assert folder.wait(0.05) is False

    # The same count, told again without need.
    script.once("UID SEARCH", "* SEARCH 1 2 3 4", "* 4 EXISTS", "{tag} OK done")
    folder.uids_from(1)
    assert folder.wait(0.05) is False


def test_count_that_shrank_with_what_was_moved_is_no_new_mail(script: ScriptedImap, folder: ImapFolder) -> None:
    script.once("UID SEARCH", "* SEARCH 1 2 3", "* 1 EXPUNGE", "* 1 EXPUNGE", "* 1 EXISTS", "{tag} OK done")
    script.once("IDLE", "+ idling", *ENDS_IDLE)
    folder.uids_from(1)

    assert folder.wait(0.05) is False


def test_new_mail_among_what_was_moved_wakes(script: ScriptedImap, folder: ImapFolder) -> None:
    script.once("UID SEARCH", "* SEARCH 1 2 3", "* 1 EXPUNGE", "* 1 EXPUNGE", "* 2 EXISTS", "{tag} OK done")
    folder.uids_from(1)

    assert folder.wait(LONG) is True


@pytest.mark.parametrize("line", ["* OK Still here", r"* 1 FETCH (FLAGS (\Seen))", "* 2 EXPUNGE"])
def test_what_is_no_new_mail_does_not_wake(script: ScriptedImap, folder: ImapFolder, line: str) -> None:
    script.once("IDLE", "+ idling", line, *ENDS_IDLE)

    assert folder.wait(0.05) is False


def test_idle_is_renewed_and_goes_on(script: ScriptedImap, folder: ImapFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "RENEW_AFTER", 0.01)
    script.once("IDLE", "+ idling", *ENDS_IDLE)
    script.once("IDLE", "+ idling", "* 4 EXISTS", *ENDS_IDLE)

    assert folder.wait(LONG) is True
    assert script.commands.count("IDLE") == 2


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(("+ idling", Do.CLOSE), id="the connection ends"),
        pytest.param((Do.CLOSE,), id="the connection ends at once"),
        pytest.param(("+ idling", "* BYE shutting down", Do.CLOSE), id="goodbye"),
        pytest.param(("+ idling", "* 4 EXISTS", Do.AWAIT_DONE, Do.CLOSE), id="the connection ends after the news"),
        pytest.param((b"+ idling\r\n* 4 EXI", *ENDS_IDLE), id="half a line"),
        pytest.param(("{tag} NO not now",), id="refused"),
        pytest.param(("{tag} BAD what",), id="not understood"),
        pytest.param(("+ idling", Do.AWAIT_DONE, "{tag} BAD what"), id="not ended in good order"),
    ],
)
def test_idle_that_fails_is_told_and_the_next_poll_connects_anew(
    script: ScriptedImap, folder: ImapFolder, answer: tuple[Step, ...]
) -> None:
    script.once("IDLE", *answer)

    with pytest.raises(MailboxUnavailable):
        folder.wait(0.1)

    assert folder.status().exists == 3
    assert script.connections == 2


def test_server_that_vanished_without_a_word_is_noticed_when_idle_ends(script: ScriptedImap) -> None:
    script.once("IDLE", "+ idling", Do.AWAIT_DONE, Do.HANG)
    folder = ImapFolder(script.login(timeout=0.2), INBOX, SystemClock())
    folder.status()

    with pytest.raises(MailboxUnavailable, match="did not answer in time"):
        folder.wait(0.05)

    folder.close()


@pytest.mark.parametrize("silent_at", ["IDLE", "DONE"])
def test_dead_idle_is_noticed_within_a_minute_however_patient_commands_are(
    script: ScriptedImap, monkeypatch: pytest.MonkeyPatch, silent_at: str
) -> None:
    assert idle.RENEW_AFTER + idle.ANSWER_WITHIN < 60
    monkeypatch.setattr(idle, "RENEW_AFTER", 0.01)
    monkeypatch.setattr(idle, "ANSWER_WITHIN", 0.05)
    begun: tuple[Step, ...] = ("+ idling", Do.AWAIT_DONE) if silent_at == "DONE" else ()
    script.once("IDLE", *begun, Do.HANG)
    folder = ImapFolder(script.login(timeout=600), INBOX, SystemClock())
    folder.status()

    with pytest.raises(MailboxUnavailable, match="did not answer in time"):
        in_a_thread(lambda: folder.wait(600)).result(LONG)

    folder.close()


def test_command_after_an_idle_has_all_the_time_that_a_command_has(script: ScriptedImap) -> None:
    script.once("IDLE", "+ idling", *ENDS_IDLE)
    client = open_session(script.login(timeout=600))
    bell = idle.Bell()

    assert idle.wait_for_mail(client, 0.01, bell) is False

    assert client.socket().gettimeout() == 600
    bell.close()
    client.shutdown()


def test_server_without_idle_lets_the_time_pass(script: ScriptedImap) -> None:
    script.capabilities()
    folder = ImapFolder(script.login(), INBOX, SystemClock())

    assert folder.wait(0.01) is False
    folder.interrupt()
    assert folder.wait(600) is False
    assert "IDLE" not in script.commands

    folder.close()


def test_bell_rings_once_however_often_it_is_struck() -> None:
    bell = idle.Bell()

    for _ in range(5_000):
        bell.ring()
    rang = bell.silence()
    while bell.silence():
        pass
    bell.close()
    bell.ring()

    assert rang is True
    assert bell.closed


def test_ring_from_another_thread_ends_a_wait() -> None:
    bell = idle.Bell()
    ringing = threading.Thread(target=bell.ring)
    ringing.start()

    bell.wait(LONG)

    ringing.join()
    assert bell.silence() is False
    bell.close()
