"""What can go wrong around the worker: each gets a clear word to a person, and no mail is lost."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable

import pytest

from helpdesk.bootstrap import check_configuration
from helpdesk.model.message import MessageState
from helpdesk.model.policy import StartMode
from helpdesk.model.ticket import TicketState
from tests.e2e.conftest import Place
from tests.fakes import make_mail
from tests.servers.dovecot import running_dovecot
from tests.servers.ports import free_ports


def wrong_password(place: Place) -> None:
    place.write_env(HELPDESK_IMAP_PASSWORD="not the password")


def unknown_host(place: Place) -> None:
    place.write_env(HELPDESK_IMAP_HOST="imap.invalid")


def nobody_listens(place: Place) -> None:
    place.write_env(HELPDESK_IMAP_PORT=str(free_ports(1)[0]))


def unknown_authority(place: Place) -> None:
    place.write_env(HELPDESK_IMAP_CA_FILE="")


def missing_folder(place: Place) -> None:
    place.more["HELPDESK_MAILBOX__FOLDERS"] = '["Inbocks"]'


MISTAKES: dict[str, tuple[Callable[[Place], None], str]] = {
    "wrong-password": (wrong_password, "HELPDESK_IMAP_PASSWORD"),
    "unknown-host": (unknown_host, "imap.invalid"),
    "nobody-listens": (nobody_listens, "HELPDESK_IMAP_PORT"),
    "unknown-authority": (unknown_authority, "HELPDESK_IMAP_CA_FILE"),
    "missing-folder": (missing_folder, "Inbocks"),
}


@pytest.mark.parametrize(("make_mistake", "named"), MISTAKES.values(), ids=MISTAKES)
def test_a_mailbox_that_cannot_be_reached_is_told_in_words(
    place: Place, make_mistake: Callable[[Place], None], named: str
) -> None:
    place.dovecot.append(place.user, make_mail())
    make_mistake(place)
    told = place.command("run", "--once", "--start-from", "all")
    assert told.returncode == 1
    assert named in told.stderr
    assert "Traceback" not in told.stderr
    checked = place.command("check", "--online")
    assert checked.returncode == 1
    assert named in checked.stdout
    place.more.clear()
    place.write_env()
    assert place.work(StartMode.ALL) == 1


def test_an_smtp_server_that_is_away_keeps_the_mail_waiting(place: Place) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        place.write_env(HELPDESK_SMTP_PORT=str(nobody.getsockname()[1]))
        place.dovecot.append(place.user, make_mail())
        assert place.work(StartMode.ALL) == 1
        listed = json.loads(place.command("outbox", "list", "--json").stdout)
        checked = place.command("check", "--online")
    assert {(row["state"], row["attempts"]) for row in listed} == {("pending", 1)}
    assert checked.returncode == 1
    assert "SMTP" in checked.stdout


def nested(depth: int) -> bytes:
    """A mail of so many multiparts, each inside the other."""
    head = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(depth))
    return make_mail().split(b"Content-Type")[0] + head.encode() + b"Content-Type: text/plain\r\n\r\nHello.\r\n"


def large(megabytes: int) -> bytes:
    """A mail with a text and an attachment of so many million bytes."""
    head, _, _ = make_mail().partition(b"Content-Type")
    line = b"QUJD" * 19 + b"\r\n"
    return (
        head
        + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nPlease look.\r\n--b\r\n'
        + b'Content-Type: video/mp4; name="v.mp4"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        + line * (megabytes * 1_000_000 // len(line))
        + b"\r\n--b--\r\n"
    )


@pytest.mark.parametrize("raw", [nested(2000), large(60)], ids=["2000-nested-parts", "60-megabytes"])
def test_a_monstrous_mail_of_a_person_is_answered_like_any_other(place: Place, raw: bytes) -> None:
    place.dovecot.append(place.user, raw)
    assert place.work(StartMode.ALL) == 1
    assert len(place.mails_to("sam@example.org")) == 1
    with place.application() as application, application.store.reading() as uow:
        (ticket,) = uow.tickets.of_requester("sam@example.org")
        (view,) = uow.messages.of_ticket(ticket.id)
        stored = uow.messages.raw(view.id)
    assert stored is not None
    assert stored.raw.raw.count(b"\n") == raw.count(b"\n")


@pytest.mark.parametrize(
    "raw", [b"\x00\x01\x02\xff" * 50, b"not a mail at all", b"\r\n\r\n\r\n"], ids=["bytes", "words", "blank"]
)
def test_bytes_that_are_no_mail_get_a_ticket_that_a_person_can_look_at(place: Place, raw: bytes) -> None:
    place.dovecot.append_all(place.user, [make_mail()])
    place.dovecot.drop(place.user, raw)
    place.work(StartMode.ALL)
    with place.application() as application, application.store.reading() as uow:
        assert uow.messages.count(MessageState.PROCESSED) == 2
        tickets = uow.tickets.list(tuple(TicketState), 10)
    assert sorted(ticket.requester_address for ticket in tickets) == ["", "sam@example.org"]
    assert len(place.mails_to("sam@example.org")) == 1


def test_a_full_disk_is_told_in_words_and_loses_nothing(place: Place) -> None:
    place.work(StartMode.ALL)
    place.dovecot.append(place.user, large(4))
    refused = place.command("run", "--once", largest_file=1_000_000)
    assert refused.returncode == 1
    assert "The disk" in refused.stderr
    assert "No mail is lost" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert place.sink.caught == []
    # With room on the disk again it is as if nothing had been.
    assert place.work() == 1
    assert len(place.mails_to("sam@example.org")) == 1


def test_an_expired_certificate_is_told_in_words_and_loses_nothing(place: Place) -> None:
    place.dovecot.append(place.user, make_mail())
    with running_dovecot(days=-1) as expired:
        place.write_env(HELPDESK_IMAP_PORT=str(expired.tls_port), HELPDESK_IMAP_CA_FILE=str(expired.certificate.cert_file))
        told = place.command("run", "--once", "--start-from", "all")
        checked = place.command("check", "--online")
    for ended, words in ((told, told.stderr), (checked, checked.stdout)):
        assert ended.returncode == 1
        assert "has expired" in words
        assert "Traceback" not in ended.stderr
    assert place.sink.caught == []
    place.write_env()
    assert place.work(StartMode.ALL) == 1
    assert len(place.mails_to("sam@example.org")) == 1


def test_check_online_is_content_with_servers_that_answer(place: Place) -> None:
    problems = check_configuration(place.directory, place.environment, online=True)
    assert [problem for problem in problems if not problem.warning] == []


def test_check_online_tells_of_both_servers_at_once(place: Place) -> None:
    ports = free_ports(2)
    place.write_env(HELPDESK_IMAP_PORT=str(ports[0]), HELPDESK_SMTP_PORT=str(ports[1]))
    problems = check_configuration(place.directory, place.environment, online=True)
    assert [problem.where for problem in problems if not problem.warning] == ["IMAP server", "SMTP server"]
