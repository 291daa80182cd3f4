"""Which files of a staff member's mail go out."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from helpdesk.core.files import Enclosed, enclosed_in
from helpdesk.core.parse import parse
from helpdesk.model.delivery import OutgoingFile
from tests.core.pictures import PRIVATE_PNG, png, png_chunk

CLEAN_PNG = png(png_chunk(b"gAMA", bytes(4)))


def mail() -> EmailMessage:
    message = EmailMessage()
    message["From"] = "dana@example.net"
    message.set_content("Here it is.")
    return message


def enclosed(message: EmailMessage | bytes) -> Enclosed:
    raw = message if isinstance(message, bytes) else message.as_bytes()
    return enclosed_in(parse(raw), raw)


def test_a_mail_without_files_encloses_nothing() -> None:
    assert enclosed(mail()) == Enclosed()


def test_a_picture_goes_without_its_metadata_under_its_name() -> None:
    message = mail()
    message.add_attachment(PRIVATE_PNG, maintype="image", subtype="png", filename="Karte ü.png")
    assert enclosed(message) == Enclosed((OutgoingFile("Karte ü.png", "image/png", CLEAN_PNG),))


def test_a_name_goes_without_the_folders_of_its_writer() -> None:
    message = mail()
    message.add_attachment("Hello", filename="C:\\Users\\michael\\map.txt")
    assert [file.name for file in enclosed(message).files] == ["map.txt"]


def test_a_file_that_can_not_be_cleaned_goes_only_when_its_author_says_so() -> None:
    message = mail()
    message.add_attachment(b"%PDF-1.7 Author: Jones", maintype="application", subtype="pdf", filename="map.pdf")
    found = enclosed(message)
    assert [(file.name, file.content_type) for file in found.files] == [("map.pdf", "application/octet-stream")]
    assert found.unclean == ("map.pdf, because what it says of its author can't be taken out",)
    assert found.left_out == ()


@pytest.mark.parametrize(
    ("content_type", "name"),
    [
        ("text/vcard", "jones.vcf"),
        ("application/pgp-keys", "key.asc"),
        ("application/pkcs7-signature", "smime.p7s"),
        ("text/calendar", "invite.ics"),
    ],
)
def test_what_programs_add_to_say_who_wrote_stays(content_type: str, name: str) -> None:
    message = mail()
    main, _, sub = content_type.partition("/")
    message.add_attachment(b"Jones", maintype=main, subtype=sub, filename=name)
    found = enclosed(message)
    assert (found.files, found.unclean) == ((), ())
    assert [line.partition(":")[0] for line in found.left_out] == [name]


def test_a_forwarded_mail_stays() -> None:
    message = mail()
    message.add_attachment(mail(), filename="before.eml")
    assert enclosed(message).left_out == ("before.eml: a whole mail, which names who wrote it and who got it",)


def test_a_picture_among_the_words_stays_as_the_logo_of_a_signature_does() -> None:
    message = mail()
    message.add_alternative('<p>Here it is.</p><img src="cid:logo@firm">', subtype="html")
    page = message.get_payload()[1]  # type: ignore[index]
    assert isinstance(page, EmailMessage)
    page.add_related(PRIVATE_PNG, maintype="image", subtype="png", cid="<logo@firm>", filename="logo.png")
    found = enclosed(message)
    assert found.files == ()
    assert found.left_out == ("logo.png: a picture that stands among the words, as signatures have them",)


def test_a_photo_that_a_phone_calls_inline_goes() -> None:
    message = mail()
    message.add_attachment(PRIVATE_PNG, maintype="image", subtype="png", filename="photo.png", disposition="inline")
    assert [file.name for file in enclosed(message).files] == ["photo.png"]


def test_a_file_inside_the_text_stays_and_is_named() -> None:
    raw = b"From: dana@example.net\r\n\r\nHere\r\n\r\nbegin 644 old.bin\r\n#0V%T\r\n`\r\nend\r\n"
    assert enclosed(raw).left_out == ("old.bin: a file that can't be taken out of the mail",)


def test_a_mail_that_was_not_read_whole_says_so() -> None:
    raw = b"From: dana@example.net\r\n" + b"X-Long: 1\r\n" * 3_000 + b"\r\nHello\r\n"
    assert enclosed(raw) == Enclosed(is_cut=True)
