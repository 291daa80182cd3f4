"""The main job on a real mailbox: Dovecot over TLS in, an SMTP server out, the real database between."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from helpdesk.errors import MailboxNotStarted
from helpdesk.model.message import MessageState
from helpdesk.model.policy import StartFrom, StartMode
from tests.e2e.conftest import STAFF_ADDRESSES, MeddledFolder, Place
from tests.fakes import FixedClock, make_mail


def body_of(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def states(place: Place) -> dict[MessageState, int]:
    with place.application() as application, application.store.reading() as uow:
        return {state: uow.messages.count(state) for state in MessageState if uow.messages.count(state)}


def test_a_person_is_answered_and_one_staff_member_told(place: Place) -> None:
    place.dovecot.append(place.user, make_mail())
    assert place.work(StartMode.ALL) == 1
    (acknowledgement,) = place.mails_to("sam@example.org")
    assert acknowledgement["Subject"] == "Your message"
    assert acknowledgement["From"] == "Mike <info@exithate.org>"
    assert acknowledgement["In-Reply-To"] == "<one@example.org>"
    assert "<one@example.org>" in acknowledgement["References"]
    assert acknowledgement["Auto-Submitted"] == "auto-replied"
    text = body_of(acknowledgement)
    assert "You Are Not Alone." in text
    assert "Mike - Exit Hate" in text
    assert "I would like to talk" not in acknowledgement.as_string()
    notices = [mail for address in STAFF_ADDRESSES for mail in place.mails_to(address)]
    assert len(notices) == 1
    assert "I would like to talk to somebody." in body_of(notices[0])
    sent = b"".join(each.content for each in place.sink.caught if "sam@example.org" in each.recipients)
    assert not any(address.encode() in sent for address in STAFF_ADDRESSES)


def test_a_second_run_answers_nothing_twice(place: Place) -> None:
    place.dovecot.append(place.user, make_mail())
    place.work(StartMode.ALL)
    taken = len(place.sink.caught)
    assert place.work() == 0
    assert len(place.sink.caught) == taken


def test_an_empty_mailbox_is_no_error(place: Place) -> None:
    assert place.work(StartMode.NOW) == 0
    assert place.sink.caught == []


def test_a_human_who_reads_the_mailbox_at_the_same_time_loses_nothing(place: Place) -> None:
    place.dovecot.append(place.user, make_mail(), flags=("\\Seen",))
    place.dovecot.append(place.user, make_mail("kim@example.org", message_id="<two@example.org>"))
    assert place.work(StartMode.ALL) == 2
    with place.dovecot.client(place.user) as client:
        flags = client.get_flags(client.search("ALL"))
    assert sum(b"\\Seen" in each for each in flags.values()) == 1


def test_a_mailbox_that_was_not_started_is_refused_with_the_reason(place: Place) -> None:
    place.dovecot.append(place.user, make_mail())
    with pytest.raises(MailboxNotStarted, match="holds 1 messages"):
        place.work()
    refused = place.command("run", "--once")
    assert refused.returncode == 1
    assert "--start-from now" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert place.sink.caught == []


def test_started_from_now_on_a_full_mailbox_answers_nothing_old_and_neither_does_a_restart(place: Place) -> None:
    old = [make_mail(f"p{n}@example.org", message_id=f"<{n}@example.org>") for n in range(20)]
    place.dovecot.append_all(place.user, old)
    assert place.work(StartMode.NOW) == 0
    assert place.work() == 0
    place.dovecot.append(place.user, make_mail())
    assert place.work() == 1
    assert [each.recipients for each in place.sink.caught if "sam@example.org" in each.recipients]
    assert not any(f"p{n}@example.org" in each.recipients for each in place.sink.caught for n in range(20))


def test_started_from_a_date_takes_what_came_since(place: Place) -> None:
    now = datetime.now(UTC)
    place.dovecot.append(place.user, make_mail(), received_at=now - timedelta(days=2))
    place.dovecot.append(
        place.user, make_mail("kim@example.org", message_id="<two@example.org>"), received_at=now - timedelta(hours=1)
    )
    assert place.work(StartMode.DATE, now - timedelta(days=1)) == 1
    assert place.work() == 0
    assert place.mails_to("sam@example.org") == []
    assert len(place.mails_to("kim@example.org")) == 1
    assert states(place) == {MessageState.PROCESSED: 1}


KIM = make_mail("kim@example.org", message_id="<two@example.org>")


def work_while(place: Place, before_fetch: Callable[[], None]) -> int:
    """`helpdesk run --once`, while somebody does something in the same mailbox between the search and the fetch."""
    with place.application() as application:
        application.start_mailbox(StartFrom(StartMode.ALL))
        (ingest,) = application.ingests
        ingest.folder = MeddledFolder(ingest.folder, before_fetch)
        return application.run_once()


def test_a_message_expunged_between_search_and_fetch_is_no_error(place: Place) -> None:
    place.dovecot.append_all(place.user, [make_mail(), KIM])

    def expunge() -> None:
        with place.dovecot.client(place.user) as client:
            client.delete_messages([1])
            client.expunge()

    assert work_while(place, expunge) == 1
    assert place.work() == 0
    assert states(place) == {MessageState.PROCESSED: 1}
    assert place.mails_to("sam@example.org") == []
    assert len(place.mails_to("kim@example.org")) == 1


def test_messages_that_somebody_reads_between_search_and_fetch_are_answered(place: Place) -> None:
    place.dovecot.append_all(place.user, [make_mail(), KIM])

    def read_the_first() -> None:
        with place.dovecot.client(place.user) as client:
            client.add_flags([1], ["\\Seen"])

    assert work_while(place, read_the_first) == 2
    assert place.work() == 0
    assert len(place.mails_to("sam@example.org")) == len(place.mails_to("kim@example.org")) == 1
    # Their mark stays, and we set none.
    with place.dovecot.client(place.user) as client:
        assert {uid: b"\\Seen" in flags for uid, flags in client.get_flags([1, 2]).items()} == {1: True, 2: False}


# In the past, since Dovecot believes no INTERNALDATE of the future.
CHRISTMAS_EVE = datetime(2025, 12, 24, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("closed", "said"),
    [(False, "We are here Monday to Friday"), (True, "open again on Monday 5 January at 10:00")],
    ids=["open", "closed"],
)
def test_a_closure_in_the_settings_shows_in_the_acknowledgement(place: Place, closed: bool, said: str) -> None:
    if closed:
        close_over_christmas(place.directory / "config" / "helpdesk.toml")
    place.dovecot.append(place.user, make_mail(), received_at=CHRISTMAS_EVE)
    with place.application(FixedClock(CHRISTMAS_EVE)) as application:
        application.start_mailbox(StartFrom(StartMode.ALL))
        assert application.run_once() == 1
    (acknowledgement,) = place.mails_to("sam@example.org")
    text = " ".join(body_of(acknowledgement).split())
    assert said in text
    assert ("open again" in text) is closed


def close_over_christmas(settings: Path) -> None:
    """Take the # from the example that the settings ship with, as its comment says, and put in the days."""
    text = settings.read_text(encoding="utf-8")
    begin = text.index("# [[office_hours.closures]]")
    end = text.index("\n\n", begin)
    closure = re.sub(r"(first_day = ).*", r"\g<1>2025-12-24", text[begin:end].replace("# ", ""))
    closure = re.sub(r"(last_day = ).*", r"\g<1>2026-01-04", closure)
    settings.write_text(text[:begin] + closure + text[end:], encoding="utf-8")


def test_a_message_moved_out_and_back_is_not_answered_again(place: Place) -> None:
    place.dovecot.append(place.user, make_mail())
    place.work(StartMode.ALL)
    with place.dovecot.client(place.user) as client:
        client.create_folder("Elsewhere")
        client.move(client.search("ALL"), "Elsewhere")
        client.select_folder("Elsewhere")
        client.move(client.search("ALL"), "INBOX")
    place.work()
    assert len(place.mails_to("sam@example.org")) == 1
    assert states(place) == {MessageState.PROCESSED: 1, MessageState.DUPLICATE: 1}


def test_a_thousand_waiting_messages_each_become_one_ticket(place: Place) -> None:
    place.more["HELPDESK_ACKNOWLEDGEMENT__PER_HOUR"] = "5000"
    place.more["HELPDESK_MAILBOX__AFTER"] = "move"
    with place.dovecot.client(place.user):
        pass
    for number in range(1000):
        mail = make_mail(f"p{number}@d{number}.example.org", body=f"{number}\n", message_id=f"<{number}@example.org>")
        place.dovecot.drop(place.user, mail)
    assert place.work(StartMode.ALL) == 1000
    recipients = [each.recipients[0] for each in place.sink.caught]
    requesters = [address for address in recipients if address not in STAFF_ADDRESSES]
    assert len(requesters) == len(set(requesters)) == 1000
    assert len(recipients) == 2000
    with place.dovecot.client(place.user) as client:
        assert client.search("ALL") == []
        client.select_folder("Processed")
        assert len(client.search("ALL")) == 1000


def test_smtp_refusing_one_recipient_stops_that_mail_and_no_other(place: Place) -> None:
    place.sink.script["RCPT"] = ["550 5.1.1 no such user"]
    place.dovecot.append(place.user, make_mail())
    place.work(StartMode.ALL)
    listed = json.loads(place.command("outbox", "list", "--json").stdout)
    assert [(row["state"], row["purpose"]) for row in listed] == [("failed", "acknowledgement")]
    assert len(place.sink.caught) == 1


def test_the_worker_hears_of_new_mail_by_idle_and_ends_when_told(place: Place) -> None:
    place.more["HELPDESK_MAILBOX__POLL_SECONDS"] = "3600"
    place.work(StartMode.NOW)
    worker = subprocess.Popen(
        [sys.executable, "-m", "helpdesk", "run"],
        cwd=place.directory,
        env=place.process_environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        place.dovecot.append(place.user, make_mail())
        place.sink.wait_for(lambda: place.mails_to("sam@example.org"))
        # It waits in IDLE now: only the server's word, or an hour, would make it look again.
        place.dovecot.append(place.user, make_mail("kim@example.org", message_id="<two@example.org>"))
        place.sink.wait_for(lambda: place.mails_to("kim@example.org"))
    finally:
        worker.send_signal(signal.SIGTERM)
        _, log = worker.communicate(timeout=60)
    assert worker.returncode == 0
    assert "event=processed" in log
    assert "example.org" not in log


def test_a_template_broken_while_the_worker_runs_stops_nothing(place: Place) -> None:
    place.work(StartMode.NOW)
    with place.application() as application:
        (place.directory / "templates" / "acknowledgement.md").write_text("Subject: Your message\n\n{{ nobody.knows }}\n")
        place.dovecot.append(place.user, make_mail())
        assert application.run_once() == 1
    (acknowledgement,) = place.mails_to("sam@example.org")
    assert "You Are Not Alone." in body_of(acknowledgement)
    alerts = place.mails_to("mike.private@staff.example")
    assert any("acknowledgement.md" in body_of(mail) for mail in alerts)
