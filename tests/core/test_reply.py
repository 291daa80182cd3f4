"""What is new in a mail: nothing that the person wrote may be missing, whatever stands around it."""

from __future__ import annotations

import pytest

from helpdesk.core.reply import new_text

ATTRIBUTION = "On Mon, 2 Nov 2026 at 11:00, Mike <info@example.org> wrote:"

WHOLE = {
    "emoji": "👍",
    "log of a server": "It said:\n550 after RCPT TO:<a@example.org>:\nhost 62.37.236.140: 550 <a@example.org>:\nmailbox full",
    "story with a date": "I need help.\n\nOn 3 March 2024 at 14:05 he wrote:\nWe know you.\n\nPlease tell me what to do.",
    "story with an address": "His address is kim@example.org and he wrote on 3 March 2024:\n\nCome back\n\nWhat now?",
    "quote that a sentence leads to": "He sent me this:\n> come to the meeting\n> or else",
    "stressed line": "Hello\n\n>>> PLEASE CALL ME <<<",
    "list of a few": "What I need:\n\nto sleep\n> a room\n> a phone",
    "sentence above a header block": "See what Kim wrote:\n> Come to us\n\nI will not.",
    "quote amid a story": "He sent me this:\n\n> come to the meeting\n\nand I went.",
    "journey": "I travelled.\n\nFrom: London\nTo: Cardiff\nDate: Monday\n\nThen I came home.",
    "labels far apart": "From: Kim\n\n\nDate: Monday\n\nSubject: maths\n\nI like it.",
    "labels among sentences": "Date: Monday\nI came.\nI saw.\nI went.\nI slept.\nFrom: Kim\nSubject: none",
    "label and quote": "Date: Monday\n> no\nFrom: Kim\nSubject: none",
    "contact form": "From the website:\n\nFrom: Sam <sam@example.org>\nSubject: Help\n\nMessage:\nI have a question.",
    "log": "Dates:\n2024-03-03 14:05 he came\n2024-03-04 15:00 he called\nI was out.",
    "drawn lines": "My list\n-----\none\n-----\ntwo",
    "answers below": "My answers are below in red\n\nFrom: Mike\nSent: Monday\nTo: Sam\nSubject: x\n\nHow are you?\nBetter.",
    "own address": "Please write to me at <sam@example.org>:\n\nI am there.",
    "own particulars": "My mail: sam@example.org\nMy age: 15\nI need help:\n- one\n- two",
    "quote without introduction above": "> Will you come?\n\nYes, gladly.",
    "only quoted lines": "> Will you come?\n> Mike",
    "only a signature": "-- \nSam",
    "only a device": "Sent from my iPhone",
    "only a device above history": f"Sent from my iPhone\n\n{ATTRIBUTION}\n\n> Hello",
    "signature of many lines": "Hello\n\n--\n" + "\n".join(f"line {number}" for number in range(12)),
    "long line under two dashes": "Hello\n\n--\n" + "word " * 30 + "end",
    "previous replies in a sentence": "I read the\nprevious replies\nand liked them.",
    "previous replies at the top": "previous replies\nwere kind.",
    "long line of dashes": "Hello\n" + "-" * 130 + "\nthere",
    "invisible marks": "Hello\u200b\n\u200b\nthere",
    "answer between wrapped quotes": f"> {'word ' * 14}end.\nyes\n> and more\nno",
    "own wish for silence": "Hello\n\nThis message is confidential. My family must not know that I wrote. If you have received "
    "word from anybody else about me, please delete it.",
    "rule above a mail passed on": "_" * 32 + "\nFrom: Kim\nSent: Monday\nTo: Sam\nSubject: maths\n\nHello",
    "rule and a list": "Hello\n\n" + "_" * 30 + "\nmy list of names",
}


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
def test_nothing_is_folded(text: str) -> None:
    assert new_text(text, "") == text


@pytest.mark.parametrize("empty", ["", " ", "\n\n", "\u200b", "\r\n"], ids=["empty", "space", "lines", "invisible", "crlf"])
def test_empty_mail_has_no_new_text(empty: str) -> None:
    assert new_text(empty, "").strip("\u200b") == ""


def test_text_is_whole_where_the_new_part_would_be_invisible() -> None:
    text = f"\u200b\n{ATTRIBUTION}\n> Hello"
    assert "Hello" in new_text(text, "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(f"Yes.\r\n\r\n{ATTRIBUTION}\r\n> Hello\r\n", "Yes.", id="crlf"),
        pytest.param(f"Yes.\r\r{ATTRIBUTION}\r> Hello\r", "Yes.", id="cr"),
        pytest.param("  indented\n  lines\n", "  indented\n  lines", id="indentation"),
        pytest.param("a\n\n\n\n\n \n\nb", "a\n\n\nb", id="many blank lines"),
        pytest.param(f"{ATTRIBUTION}\n\nPlain words below.", "Plain words below.", id="introduction at the top of plain words"),
        pytest.param("Yes.\n\nMike <info@example.org> wrote:\n\nHello", "Yes.", id="no date"),
        pytest.param("Yes.\n\nMike wrote:\n> Hello", "Yes.", id="neither date nor address"),
        pytest.param("Yes.\n\n2016-03-03 17:21 GMT+01:00 Mike\n\nHello", "Yes.", id="old Gmail"),
        pytest.param("Yes.\n\n&gt; On 3 March Mike wrote:\n&gt; Hello", "Yes.", id="quote marks as entities"),
        pytest.param("Yes.\n\n> one\n> two\n> three\n> four", "Yes.", id="quote of many lines without introduction"),
        pytest.param("Yes.\n\n> Subject: maths\n> From: Kim", "Yes.", id="quoted header lines"),
        pytest.param("Yes.\n\n---\n*Previous Replies*\n\nHello", "Yes.", id="previous replies of a forum"),
        pytest.param("Yes.\n\n##- Please type your reply above this line -##\n\nHello", "Yes.", id="reply above this line"),
        pytest.param("Yes.\nOn 3 March 2025\nMike\n<info@example.org>\nwrote:\nHello", "Yes.", id="four lines"),
        pytest.param("Yes.\nMike of the\nHelpdesk <info@example.org> wrote:\n> Hello", "Yes.\nMike of the", id="name above"),
        pytest.param("Yes.\n-- \nSam\n\n-- \nExample Ltd", "Yes.", id="two signatures"),
        pytest.param("Yes.\n--\nSam\n07700 900123\nSent from my iPhone", "Yes.", id="device line in a signature"),
        pytest.param(f"Yes.\n\n-- \nSam\n\n{ATTRIBUTION}\n> Hello\n\n-- \nlist", "Yes.", id="signature above and below"),
        pytest.param("Yes.\n\nVirus-free. www.example.org", "Yes.", id="virus footer"),
        pytest.param("Yes.\n\nOn 3 March, you wrote:\n> Hello", "Yes.", id="you wrote"),
        pytest.param("See what Kim wrote:\n\nFrom: Kim\nDate: 1\nSubject: x\n\nHi", "See what Kim wrote:", id="sentence above"),
        pytest.param(f"Hi\n\n{ATTRIBUTION}\n> A?\n\nB.", "Hi\n\n> A?\n\nB.", id="answer below after a greeting"),
        pytest.param("Yes.\n\nOn 3 Mar 2025 at 14:05 Mike wrote:\n\nFrom: a@example.org\nDate: x\nTo: b", "Yes.", id="both"),
    ],
)
def test_new_text(text: str, expected: str) -> None:
    assert new_text(text, "") == expected


NOTICES = {
    "English": "This e-mail is confidential and intended solely for the person it is addressed to. Please delete it "
    "otherwise, and let us know that it went astray.",
    "Welsh": "Mae'r neges hon yn gyfrinachol ac fe'i bwriedir ar gyfer y derbynnydd a enwir yn unig. Os cawsoch y neges "
    "hon drwy gamgymeriad, dilëwch hi.",
    "German": "Diese E-Mail ist vertraulich und nur für den genannten Empfänger bestimmt. Sollten Sie sie irrtümlich "
    "erhalten haben, löschen Sie sie bitte.",
    "French": "Ce message est confidentiel et destiné à l'usage exclusif du destinataire. Si vous l'avez reçu par erreur, "
    "merci de le détruire.",
    "Spanish": "Este mensaje es confidencial y está dirigido solo a su destinatario. Si lo ha recibido por error, le "
    "rogamos que lo elimine.",
    "Italian": "Le informazioni contenute in questo messaggio sono riservate e per uso esclusivo del destinatario. Se lo "
    "ha ricevuto per errore, lo cancelli.",
    "Dutch": "Dit bericht is vertrouwelijk en alleen bestemd voor de geadresseerde. Als u het abusievelijk hebt "
    "ontvangen, wilt u het dan vernietigen?",
    "Polish": "Ta wiadomość jest poufna i przeznaczona wyłącznie dla adresata. Jeżeli otrzymali ją Państwo przez pomyłkę, "
    "prosimy o jej usunięcie.",
    "Arabic": "هذه الرسالة سرية وموجهة إلى المرسل إليه فقط. إذا وصلت إليك بالخطأ فيرجى حذفها وإبلاغنا بذلك في أقرب وقت "
    "ممكن، ولك جزيل الشكر والتقدير منا.",
}


@pytest.mark.parametrize("notice", NOTICES.values(), ids=NOTICES)
def test_legal_notice_is_no_word_of_the_writer(notice: str) -> None:
    assert new_text(f"Could we talk?\n\nAlex\n\n{notice}\n", "") == "Could we talk?\n\nAlex"


def test_legal_notice_of_endless_lines_stays() -> None:
    text = "Hello\n\n" + "\n".join(["This message is confidential and intended only for you."] * 40)
    assert new_text(text, "") == text
