"""What people wrote stands nowhere in the clear, and what staff keep private leaves in no mail."""

from __future__ import annotations

import base64
import io
import json
import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from helpdesk.core.parse import parse
from helpdesk.jobs.ports import Transport
from helpdesk.log import configure_logs
from helpdesk.model.delivery import Attempt, Delivery
from helpdesk.model.policy import StartFrom, StartMode
from tests.e2e.conftest import ROOT, STAFF_ADDRESSES, Place, break_mail_to
from tests.e2e.test_corpus import corpus
from tests.fakes import make_mail

# Words of twelve letters and more that stand nowhere else, one for each field.
PLANTED = {
    "name": "Quillonberry",
    "local": "zephyrantheum",
    "domain": "marlowbridgeton",
    "subject": "Thistlewoodian",
    "body": "perambulatrix",
    "message_id": "gallimaufryone",
    "reference": "bumbershooting",
    "reply_to": "whirligigsters",
    "cc": "snollygosterly",
    "header": "flibbertigibbet",
    "file_name": "lollygagginess",
    "file_content": "kerfufflements",
    "html": "taradiddlement",
    "quoted": "borborygmically",
}


def planted_mail() -> bytes:
    words = PLANTED
    attached = base64.encodebytes(f"{words['file_content']} and more".encode()).decode().replace("\n", "\r\n")
    return (
        f"From: {words['name']} <{words['local']}@{words['domain']}.example>\r\n"
        f"To: info@exithate.org\r\nCc: {words['cc']}@example.org\r\nReply-To: {words['reply_to']}@example.org\r\n"
        f"Subject: {words['subject']}\r\nMessage-ID: <{words['message_id']}@example.org>\r\n"
        f"References: <{words['reference']}@example.org>\r\nX-Note: {words['header']}\r\n"
        "Date: Mon, 02 Nov 2026 10:59:00 +0000\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="m"\r\n\r\n--m\r\n'
        'Content-Type: multipart/alternative; boundary="a"\r\n\r\n--a\r\nContent-Type: text/plain\r\n\r\n'
        f"Hello, {words['body']}.\r\n\r\nOn Monday somebody wrote:\r\n> {words['quoted']}\r\n--a\r\n"
        f"Content-Type: text/html\r\n\r\n<p>Hello, {words['html']}.</p>\r\n--a--\r\n--m\r\n"
        f'Content-Type: text/plain; name="{words["file_name"]}.txt"\r\nContent-Transfer-Encoding: base64\r\n'
        f'Content-Disposition: attachment; filename="{words["file_name"]}.txt"\r\n\r\n{attached}\r\n--m--\r\n'
    ).encode()


def traces(word: str) -> Iterator[bytes]:
    """The word as it could stand in a file: plain, in either case, UTF-16, hex, and base64 at each of its three offsets."""
    for spelled in (word, word.lower(), word.upper()):
        plain = spelled.encode()
        yield plain
        yield spelled.encode("utf-16-le")
        yield spelled.encode("utf-16-be")
        yield plain.hex().encode()
        for offset in range(3):
            # The first and last characters depend on the neighbours: what stands between does not.
            yield base64.b64encode(b"\x00" * offset + plain)[4:-4]


def found_in(place: Place, words: list[str]) -> list[str]:
    files = [path for path in (place.directory / "data").rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" for path in files)
    contents = {path.name: path.read_bytes() for path in files}
    return [f"{word} in {name}" for word in words for name, content in contents.items() for t in traces(word) if t in content]


def test_nothing_that_a_person_wrote_stands_in_any_file_beside_the_database(place: Place) -> None:
    place.sink.script["RCPT"] = [f"450 4.2.0 {PLANTED['local']}@{PLANTED['domain']}.example greylisted"]
    place.dovecot.append(place.user, planted_mail())
    with place.application() as application:
        application.start_mailbox(StartFrom(StartMode.ALL))
        assert application.run_once() == 1
        # While it is open, the write-ahead log lies beside it.
        assert found_in(place, list(PLANTED.values())) == []
    assert found_in(place, list(PLANTED.values())) == []
    (ticket,) = json.loads(place.command("tickets", "list", "--json").stdout)
    assert ticket["subject"] == PLANTED["subject"]


def test_the_search_would_find_a_word_that_stands_there(place: Place) -> None:
    place.work(StartMode.ALL)
    word = PLANTED["body"]
    for number, trace in enumerate(traces(word)):
        path = place.directory / "data" / f"{number}.txt"
        path.write_bytes(b"...." + trace + b"....")
        assert found_in(place, [word])
        path.unlink()
    (place.directory / "data" / "b64").write_bytes(base64.b64encode(b"x" + word.encode() + b"y"))
    assert found_in(place, [word])


def test_no_private_word_of_staff_leaves_in_a_mail_to_a_requester(place: Place) -> None:
    place.dovecot.append(place.user, planted_mail())
    place.work(StartMode.ALL)
    private = {*STAFF_ADDRESSES, "staff.example", "dana"}
    to_others = [each for each in place.sink.caught if not STAFF_ADDRESSES & set(each.recipients)]
    assert len(to_others) == 1
    for caught in to_others:
        decoded = caught.content.lower() + b"".join(
            part.get_payload(decode=True) or b""
            for mail in place.mails_to(caught.recipients[0])
            for part in mail.walk()
            if not part.is_multipart()
        )
        assert not [word for word in private if word.encode() in decoded.lower()]


@dataclass
class FailingTransport:
    """Sends, but for the first mail to one recipient, at which it fails as a fault of ours would, naming them."""

    real: Transport
    recipient: str
    failed: bool = False

    def send(self, delivery: Delivery) -> Attempt:
        if delivery.recipient == self.recipient and not self.failed:
            self.failed = True
            raise RuntimeError(f"no way to {delivery.recipient}: {delivery.content!r}")
        return self.real.send(delivery)

    def close(self) -> None:
        self.real.close()


@contextmanager
def captured_log() -> Iterator[io.StringIO]:
    """What the program logs, warnings of libraries among it, which the tests would make errors of."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        # Whatever another test left: capturing begins anew.
        logging.captureWarnings(False)
        stream = io.StringIO()
        configure_logs(stream=stream)
        try:
            yield stream
        finally:
            logging.captureWarnings(False)


def long_words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{8,}", text.lower()))


def words_of_ours() -> set[str]:
    """What may stand in any log: the names of our events, kinds, rules and files, and those of the libraries' files."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "helpdesk").rglob("*.py")]
    return long_words(" ".join(sources)).union(*(long_words(path.stem) for path in (ROOT / "helpdesk").rglob("*.py")))


# flufl.bounce takes it for granted that a bounce has a From, and logs the whole traceback where it has none.
NO_BOUNCE_FOR_FLUFL = (
    b"Return-Path: <>\r\nSubject: failure notice\r\nTo: info@exithate.org\r\n\r\n"
    b"Hi. This is the qmail-send program.\r\n\r\n<unreachable.tantamountly@example.org>:\r\nno such mailbox\r\n"
)


def test_no_word_of_a_mail_and_no_address_stands_in_a_log_full_of_errors(
    place: Place, capfd: pytest.CaptureFixture[str]
) -> None:
    mails = [mail.raw for mail in corpus()]
    mails += [
        planted_mail(),
        make_mail("Poisonella Quartzberry <poison@example.org>", message_id="<poison@example.org>"),
        make_mail("Transportia Wobblethorpe <transport@example.org>", message_id="<transport@example.org>"),
        make_mail("Rejectina Plumfeather <rejected@example.org>", message_id="<rejected@example.org>"),
        NO_BOUNCE_FOR_FLUFL,
    ]
    place.dovecot.append_all(place.user, mails)
    with captured_log() as log, place.application() as application:
        break_mail_to(application, "poison@example.org")
        deliverer = application.delivery.deliverer
        deliverer.transport = FailingTransport(deliverer.transport, "transport@example.org")
        # Whatever is sent first, the server repeats somebody's address and words in its refusal.
        place.sink.script["RCPT"] = ["550 5.1.1 <rejected@example.org> Plumfeather is unknown here"] * 3
        application.start_mailbox(StartFrom(StartMode.ALL))
        application.run_once()
        logging.getLogger("some.library").warning("odd mail of %s", "Poisonella Quartzberry <poison@example.org>")
        logging.getLogger("flufl.bounce").error("odd mail of poison@example.org")
        warnings.warn("odd mail of Poisonella Quartzberry <poison@example.org>", stacklevel=1)

    # Nor did a library speak past the log.
    assert capfd.readouterr().err == ""
    written = log.getvalue()
    for event in ("processing_failed", "quarantined", "delivery_error", "not_delivered"):
        assert f"event={event}" in written
    for name in ("some.library", "py.warnings"):
        assert f"name={name}" in written
    assert "flufl" not in written
    assert "@" not in written
    read = [parse(raw) for raw in mails]
    people = [message.sender for message in read if message.sender]
    names = {person.name for person in people} | {message.subject for message in read}
    # Short ones ("Hi", "test") stand in any log by chance.
    assert [name for name in names if len(name) >= 8 and name.lower() in written.lower()] == []
    said = set().union(*(long_words(message.new_text) for message in read), *(long_words(name) for name in names))
    assert len(said) > 50
    assert (said - words_of_ours()) & long_words(written) == set()
