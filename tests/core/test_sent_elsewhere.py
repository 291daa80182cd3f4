"""What in the folder of sent mail a person has written."""

from __future__ import annotations

import pytest

from helpdesk.core.parse import parse
from helpdesk.core.sent_elsewhere import answered_ids, has_our_mark, is_written_by_person, people_written_to
from helpdesk.model.policy import Ourselves
from tests.fakes import make_mail

US = Ourselves(
    addresses=frozenset({"info@exithate.org"}),
    staff_addresses=frozenset({"dana@example.net"}),
    form_senders=frozenset({"info@exithate.org"}),
)
OURS = "Exit Hate <info@exithate.org>"


@pytest.mark.parametrize(
    ("raw", "is_persons"),
    [
        (make_mail(OURS, "Re: Hello", "Dear Sam,\nThursday is fine.\n"), True),
        (make_mail("INFO@ExitHate.org", "Re: Hello", "Thank you for your email. We have read it.\n"), True),
        (make_mail(OURS, "Re: Hello", "Thursday is fine.\n", X_Loop="info@exithate.org"), True),
        (make_mail("Sam <sam@example.org>"), False),
        (make_mail("Dana <dana@example.net>"), False),
        (make_mail(OURS, "Out of office", "The office is closed.\n", Auto_Submitted="auto-replied"), False),
        (make_mail(OURS, "Your message", "Thank you.\n", Auto_Submitted="auto-generated"), False),
        (make_mail(OURS, "Automatic reply: Hello", "I am away until Monday.\n", In_Reply_To="<one@example.org>"), False),
        (make_mail(OURS, "Our news", "News.\n", List_Id="<news.exithate.org>", Precedence="bulk"), False),
    ],
    ids=[
        *("an answer", "any spelling of the address", "a mark of ours", "another's mail", "a colleague's own mail"),
        *("an absence", "automatic", "an absence by its title", "a newsletter"),
    ],
)
def test_only_what_a_person_wrote_in_our_name_is_an_answer(raw: bytes, is_persons: bool) -> None:
    assert is_written_by_person(parse(raw), raw, US) is is_persons


def test_receipt_is_no_answer() -> None:
    raw = (
        b"From: info@exithate.org\r\nTo: sam@example.org\r\nSubject: Read: Hello\r\n"
        b"Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n"
        b"--b\r\n\r\nIt was read.\r\n--b\r\nContent-Type: message/disposition-notification\r\n\r\n"
        b"Disposition: manual-action/MDN-sent-manually; displayed\r\n--b--\r\n"
    )
    assert not is_written_by_person(parse(raw), raw, US)


def test_those_who_were_written_to_are_neither_us_nor_staff() -> None:
    message = parse(make_mail(OURS, to="Sam@example.org, info@exithate.org", Cc="DANA@example.net, kim@example.org"))
    assert list(people_written_to(message, US)) == ["Sam@example.org", "kim@example.org"]


def test_what_it_answers_is_named_but_for_mails_of_ours() -> None:
    ours = f"{'a' * 32}@exithate.org"
    message = parse(make_mail(OURS, In_Reply_To=f"<one@example.org> <{ours}>"))
    assert answered_ids(message, US) == ("one@example.org",)


@pytest.mark.parametrize(("mark", "is_ours"), [("info@exithate.org", True), ("other@example.org", False)])
def test_our_mark_tells_what_the_helpdesk_sent_itself(mark: str, is_ours: bool) -> None:
    assert has_our_mark(parse(make_mail(OURS, X_Loop=mark)), US) is is_ours
