"""The IMAP edge on servers that are not like Dovecot, or that misbehave."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from helpdesk.clock import SystemClock
from helpdesk.errors import MailboxUnavailable
from helpdesk.mail.mailbox import ImapFolder, probe_mailbox
from helpdesk.mail.mailbox import folder as folder_module
from helpdesk.model.policy import AfterProcessing, FolderPolicy
from tests.servers.scripted_imap import Do, ScriptedImap, Step

DATE = '"01-Nov-2026 10:00:00 +0000"'
CONTENT = "(INTERNALDATE BODY.PEEK[])"
SIZES = "(INTERNALDATE RFC822.SIZE)"
KEYWORD = FolderPolicy("INBOX", after=AfterProcessing.KEYWORD)
MOVE = FolderPolicy("INBOX", after=AfterProcessing.MOVE, move_to="Done")


@pytest.fixture
def folder(script: ScriptedImap) -> Iterator[ImapFolder]:
    folder = ImapFolder(script.login(), FolderPolicy("INBOX"), SystemClock())
    yield folder
    folder.close()


def content(uid: int, raw: bytes) -> bytes:
    return b"* %d FETCH (UID %d INTERNALDATE %s BODY[] {%d}\r\n%s)\r\n" % (uid, uid, DATE.encode(), len(raw), raw)


def give_sizes(script: ScriptedImap, *uids: int, size: int = 5) -> None:
    lines = [f"* {uid} FETCH (UID {uid} INTERNALDATE {DATE} RFC822.SIZE {size})" for uid in uids]
    script.always(f"UID FETCH {','.join(map(str, uids))} {SIZES}", *lines, "{tag} OK done")


def sent(script: ScriptedImap, begins: str) -> list[str]:
    return [command for command in script.commands if command.startswith(begins)]


def marked(script: ScriptedImap, policy: FolderPolicy, uids: list[int]) -> None:
    folder = ImapFolder(script.login(), policy, SystemClock())
    try:
        folder.status()
        folder.mark_processed(uids)
    finally:
        folder.close()


def test_message_that_the_server_refuses_does_not_take_the_others_along(script: ScriptedImap, folder: ImapFolder) -> None:
    give_sizes(script, 1, 2, 3)
    script.always(f"UID FETCH 1,2,3 {CONTENT}", content(1, b"one"), "{tag} NO [SERVERBUG] some could not be read")
    script.always(f"UID FETCH 1 {CONTENT}", content(1, b"one"), "{tag} OK done")
    script.always(f"UID FETCH 2 {CONTENT}", "{tag} NO [SERVERBUG] could not be read")
    script.always(f"UID FETCH 3 {CONTENT}", content(3, b"three"), "{tag} OK done")

    assert [(message.uid, message.raw) for message in folder.fetch([1, 2, 3])] == [(1, b"one"), (3, b"three")]


def test_single_message_that_the_server_refuses_is_left_out(script: ScriptedImap, folder: ImapFolder) -> None:
    give_sizes(script, 2)
    script.always(f"UID FETCH 2 {CONTENT}", "{tag} BAD could not be read")

    assert folder.fetch([2]) == []


def test_server_that_refuses_every_message_is_unavailable(script: ScriptedImap, folder: ImapFolder) -> None:
    give_sizes(script, 1, 2)
    script.always("UID FETCH 1,2 (INTERNALDATE BODY", "{tag} NO [UNAVAILABLE] disk trouble")
    script.always("UID FETCH 1 ", "{tag} NO [UNAVAILABLE] disk trouble")
    script.always("UID FETCH 2 ", "{tag} NO [UNAVAILABLE] disk trouble")

    with pytest.raises(MailboxUnavailable, match="disk trouble"):
        folder.fetch([1, 2])


@pytest.mark.parametrize("when", ["together", "one by one"])
def test_server_that_hangs_up_at_a_fetch_is_unavailable(script: ScriptedImap, folder: ImapFolder, when: str) -> None:
    give_sizes(script, 1, 2)
    script.always(f"UID FETCH 1,2 {CONTENT}", *((Do.CLOSE,) if when == "together" else ("{tag} NO not these",)))
    script.always(f"UID FETCH 1 {CONTENT}", Do.CLOSE)

    with pytest.raises(MailboxUnavailable, match="broke off"):
        folder.fetch([1, 2])


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param([content(1, b"a\r\nb")], [b"a\r\nb"], id="literal"),
        pytest.param([f'* 1 FETCH (UID 1 INTERNALDATE {DATE} BODY[] "12")'], [b"12"], id="quoted"),
        pytest.param([f'* 1 FETCH (UID 1 INTERNALDATE {DATE} BODY[] "")'], [b""], id="empty"),
        pytest.param([f"* 1 FETCH (UID 1 INTERNALDATE {DATE} BODY[] NIL)"], [], id="nothing"),
        pytest.param([r"* 1 FETCH (FLAGS (\Seen))"], [], id="expunged, and a flag of message number 1"),
        pytest.param([content(1, b"a"), r"* 1 FETCH (UID 1 FLAGS (\Seen))"], [b"a"], id="and a flag that changed"),
        pytest.param([content(9, b"z"), content(1, b"a")], [b"a"], id="and a message that nobody asked for"),
    ],
)
def test_body_is_taken_however_it_is_written(
    script: ScriptedImap, folder: ImapFolder, answer: list[Step], expected: list[bytes]
) -> None:
    give_sizes(script, 1)
    script.always(f"UID FETCH 1 {CONTENT}", *answer, "{tag} OK done")

    assert [message.raw for message in folder.fetch([1])] == expected


@pytest.mark.parametrize(
    "date", ["NIL", '"yesterday"', '"31-Dec-9999 23:00:00 -1200"'], ids=["none", "unreadable", "year 10000"]
)
def test_message_without_a_date_that_can_be_read_came_now(script: ScriptedImap, folder: ImapFolder, date: str) -> None:
    script.always(f"UID FETCH 1 {SIZES}", f"* 1 FETCH (UID 1 INTERNALDATE {date} RFC822.SIZE 5)", "{tag} OK done")
    before = datetime.now(UTC)

    (summary,) = folder.summaries([1])

    assert before <= summary.received_at <= datetime.now(UTC)


def test_unasked_flag_is_no_summary(script: ScriptedImap, folder: ImapFolder) -> None:
    script.always(f"UID FETCH 1 {SIZES}", r"* 1 FETCH (UID 1 FLAGS (\Seen))", "{tag} OK done")

    assert folder.summaries([1]) == []


def test_probe_of_a_server_that_hangs_up(script: ScriptedImap) -> None:
    script.once("EXAMINE", Do.CLOSE)

    with pytest.raises(MailboxUnavailable, match=r"broke off the connection \([^)]*\)\.$"):
        probe_mailbox(script.login(), ["INBOX"])


def test_sizes_are_not_asked_for_twice(script: ScriptedImap, folder: ImapFolder) -> None:
    give_sizes(script, 1)
    script.always(f"UID FETCH 1 {CONTENT}", content(1, b"hello"), "{tag} OK done")

    folder.summaries([1])
    folder.fetch([1])

    assert sent(script, "UID FETCH") == [f"UID FETCH 1 {SIZES}", f"UID FETCH 1 {CONTENT}"]


def test_one_fetch_asks_for_a_bounded_number_of_bytes(script: ScriptedImap, folder: ImapFolder) -> None:
    give_sizes(script, 1, 2, 3, size=folder_module.BYTES_IN_A_FETCH // 2)

    folder.fetch([1, 2, 3])

    assert sent(script, "UID FETCH")[1:] == [f"UID FETCH 1,2 {CONTENT}", f"UID FETCH 3 {CONTENT}"]


def test_commands_stay_short_enough_for_any_server(script: ScriptedImap, folder: ImapFolder) -> None:
    folder.summaries(range(1_000_000, 1_002_000))

    assert max(len(command) for command in script.commands) < 8000


def test_windows_go_from_the_newest_to_the_oldest(
    script: ScriptedImap, folder: ImapFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_module, "UIDS_IN_AN_ANSWER", 2)
    script.always("EXAMINE", "* 5 EXISTS", "* OK [UIDVALIDITY 7] ok", "* OK [UIDNEXT 90] ok", "{tag} OK done")

    folder.uids_from(1)

    assert sent(script, "UID SEARCH") == [f"UID SEARCH {window} UID 1:*" for window in ("4:*", "2:3", "1:1")]


def test_server_that_does_not_tell_uidnext(script: ScriptedImap, folder: ImapFolder) -> None:
    script.always("EXAMINE", "* 3 EXISTS", "* OK [UIDVALIDITY 7] ok", "{tag} OK done")
    script.always("UID SEARCH UID *", "* SEARCH 41", "{tag} OK done")

    assert folder.status().uidnext == 42


def test_server_without_lasting_numbers_is_refused(script: ScriptedImap, folder: ImapFolder) -> None:
    script.always("EXAMINE", "* 3 EXISTS", "{tag} OK done")

    with pytest.raises(MailboxUnavailable, match="UIDVALIDITY"):
        folder.status()


def test_folder_that_is_there_but_refused_shows_the_servers_words(script: ScriptedImap, folder: ImapFolder) -> None:
    script.always("EXAMINE", "{tag} NO [NOPERM] not for you")
    script.always("LIST", r'* LIST () "/" "INBOX"', "{tag} OK done")

    with pytest.raises(MailboxUnavailable, match="not for you"):
        folder.status()


def test_connection_lost_at_select(script: ScriptedImap, folder: ImapFolder) -> None:
    script.once("EXAMINE", Do.CLOSE)

    with pytest.raises(MailboxUnavailable, match="broke off"):
        folder.status()


def test_server_that_hangs_up_instead_of_saying_goodbye_is_left(script: ScriptedImap) -> None:
    script.once("LOGOUT", Do.CLOSE)
    folder = ImapFolder(script.login(), FolderPolicy("INBOX"), SystemClock())
    folder.status()

    folder.close()

    assert folder.status().exists == 3
    assert script.connections == 2
    folder.close()


def test_folder_below_the_servers_prefix_is_found_without_it(script: ScriptedImap) -> None:
    script.capabilities("NAMESPACE")
    script.always("NAMESPACE", '* NAMESPACE (("INBOX." ".")) NIL NIL', "{tag} OK done")
    script.always("LIST", r'* LIST () "." "INBOX"', r'* LIST () "." "INBOX.Junk"', "{tag} OK done")
    script.always('EXAMINE "Junk"', "{tag} NO no such mailbox")
    folder = ImapFolder(script.login(), FolderPolicy("Junk"), SystemClock())

    assert folder.status().exists == 3

    assert sent(script, "EXAMINE")[-1] == 'EXAMINE "INBOX.Junk"'
    folder.close()


def test_shared_folder_that_may_only_be_read_is_read(script: ScriptedImap) -> None:
    script.always("SELECT", "* 3 EXISTS", "* OK [UIDVALIDITY 7] ok", "* OK [UIDNEXT 4] ok", "{tag} OK [READ-ONLY] done")

    marked(script, KEYWORD, [1])

    assert sent(script, "EXAMINE") == ['EXAMINE "INBOX"']
    assert not sent(script, "UID STORE")


@pytest.mark.parametrize(
    ("flags", "stored"),
    [(r"\Seen \*", True), (r"\Seen $helpdeskdone", True), (r"\Seen", False)],
    ids=["any keyword", "this keyword", "no keyword"],
)
def test_keyword_is_set_only_where_the_server_keeps_it(script: ScriptedImap, flags: str, stored: bool) -> None:
    script.always(
        "SELECT",
        "* 3 EXISTS",
        "* OK [UIDVALIDITY 7] ok",
        "* OK [UIDNEXT 4] ok",
        f"* OK [PERMANENTFLAGS ({flags})] ok",
        "{tag} OK [READ-WRITE] done",
    )

    marked(script, KEYWORD, [1, 2])

    assert bool(sent(script, "UID STORE 1,2 +FLAGS.SILENT ($HelpdeskDone)")) is stored


def test_server_without_move_copies_and_expunges_these_messages_alone(script: ScriptedImap) -> None:
    script.capabilities("UIDPLUS")
    script.always("LIST", r'* LIST () "/" "Done"', "{tag} OK done")

    marked(script, MOVE, [1, 2])

    assert script.commands[-5:-1] == [
        'LIST "" "*"',
        'UID COPY 1,2 "Done"',
        r"UID STORE 1,2 +FLAGS.SILENT (\Deleted)",
        "UID EXPUNGE 1,2",
    ]


def test_server_without_move_and_uidplus_keeps_the_messages(script: ScriptedImap) -> None:
    script.capabilities()

    marked(script, MOVE, [1, 2])

    assert not sent(script, "UID")


def test_target_is_made_below_the_servers_prefix(script: ScriptedImap) -> None:
    script.capabilities("MOVE", "NAMESPACE")
    script.always("NAMESPACE", '* NAMESPACE (("INBOX." ".")) NIL NIL', "{tag} OK done")

    marked(script, MOVE, [1])

    assert sent(script, "CREATE") == ['CREATE "INBOX.Done"']
    assert sent(script, "UID MOVE") == ['UID MOVE 1 "INBOX.Done"']


def test_target_that_another_worker_makes_meanwhile_is_used(script: ScriptedImap) -> None:
    script.capabilities("MOVE")
    script.once("LIST", r'* LIST () "/" "INBOX"', "{tag} OK done")
    script.once("LIST", r'* LIST () "/" "Done"', "{tag} OK done")
    script.once("CREATE", "{tag} NO [ALREADYEXISTS] it exists")

    marked(script, MOVE, [1])

    assert sent(script, "UID MOVE") == ['UID MOVE 1 "Done"']


def test_target_is_looked_for_once_a_poll(script: ScriptedImap) -> None:
    script.capabilities("MOVE")
    script.always("LIST", r'* LIST () "/" "Done"', "{tag} OK done")
    folder = ImapFolder(script.login(), MOVE, SystemClock())
    for _ in range(2):
        folder.status()
        folder.mark_processed([1])
        folder.mark_processed([2])
    folder.close()

    assert len(sent(script, "LIST")) == 2
    assert len(sent(script, "UID MOVE")) == 4


def test_target_that_cannot_be_made_is_told(script: ScriptedImap) -> None:
    script.capabilities("MOVE")
    script.once("CREATE", "{tag} NO [NOPERM] no new folders here")

    with pytest.raises(MailboxUnavailable, match="no new folders here"):
        marked(script, MOVE, [1])
