"""What people wrote stands nowhere in the clear, and what staff keep private leaves in no mail."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

from helpdesk.model.policy import StartFrom, StartMode
from tests.e2e.conftest import STAFF_ADDRESSES, Place

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
