"""`helpdesk explain`: what would happen to a mail, and why, without doing it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from helpdesk.bootstrap import build_explainer
from helpdesk.cli.output import printable, say
from helpdesk.clock import SystemClock
from helpdesk.core.alone import EmptyDesk, Judged
from helpdesk.errors import place_of
from helpdesk.model.message import BouncedRecipient, InboundMessage, Kind, Verdict


def explain(
    paths: Annotated[list[Path], typer.Argument(help="Files with one mail each, or folders of them.", exists=True)],
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Show the whole text, not only the new part.")] = False,
) -> None:
    """Show what would happen to these mails, and why. Nothing is sent or stored.

    Example: helpdesk explain mail.eml
    """
    desk = build_explainer(Path(), os.environ)
    for path in _files(paths):
        row = _row(desk, path)
        if jsonl:
            sys.stdout.write(json.dumps(row, ensure_ascii=True) + "\n")
        else:
            say(_in_words(row, full=full))


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, folders, names in os.walk(path):
            folders.sort()
            yield from (Path(folder) / name for name in sorted(names))


def _row(desk: EmptyDesk, path: Path) -> dict[str, object]:
    now = SystemClock().now()
    try:
        # To read from a pipe, a socket or a device may take forever.
        judged = desk.judge(path.read_bytes(), now) if path.is_file() else _unread(desk, "no regular file", now)
    # DESIGN section 10: every file yields its line, whatever is in it.
    except Exception as error:  # noqa: BLE001
        judged = _unread(desk, place_of(error), now)
    return {"file": str(path), **_as_json(judged)}


def _unread(desk: EmptyDesk, why: str, now: datetime) -> Judged:
    unread = InboundMessage(defects=(f"could not be read: {why}",))
    return desk.judge_read(unread, Verdict(Kind.PERSON, "unreadable"), now)


def _as_json(judged: Judged) -> dict[str, object]:
    message, decision = judged.message, judged.plan.acknowledgement
    return {
        **_head_as_json(message),
        "kind": judged.verdict.kind.value,
        "rule": judged.verdict.rule,
        "acknowledge": decision.purpose is not None and not decision.held_because,
        "reason": decision.held_because or decision.reason,
        "text": message.text,
        "new_text": message.new_text,
        "language": message.language,
        "attachments": [
            {"name": each.name, "content_type": each.content_type, "size": each.size, "inline": each.inline}
            for each in message.attachments
        ],
        "bounced": [_bounced_as_json(each) for each in judged.verdict.bounced],
        "signals": [],
        "topic": "general",
        "priority": judged.plan.priority.priority.value,
        "template": decision.purpose.value if decision.purpose else None,
        "defects": list(message.defects),
    }


def _head_as_json(message: InboundMessage) -> dict[str, object]:
    sender = message.sender
    return {
        "message_id": message.message_id,
        "in_reply_to": list(message.in_reply_to),
        "references": list(message.references),
        "from": {"name": sender.name, "address": sender.address} if sender else None,
        "to": list(message.to),
        "subject": message.subject,
        "date": message.date.isoformat() if message.date else None,
    }


def _bounced_as_json(recipient: BouncedRecipient) -> dict[str, object]:
    return {"address": recipient.address, "status": recipient.status, "permanent": recipient.permanent}


def _in_words(row: dict[str, object], *, full: bool) -> str:
    sender = row["from"]
    writer = f"{sender['name']} <{sender['address']}>".strip() if isinstance(sender, dict) else "nobody that can be answered"
    lines = [
        str(row["file"]),
        f"  from      {writer}",
        f"  subject   {row['subject']}",
        f"  kind      {row['kind']} (rule: {row['rule']})",
        f"  answer    {row['template'] or 'none'} ({row['reason']})",
    ]
    lines += [f"  priority  {row['priority']}"] if row["priority"] != "normal" else []
    lines += [f"  bounced   {each['address']}" for each in _dicts(row["bounced"])]
    lines += [f"  attached  {each['name']} ({each['size']} bytes)" for each in _dicts(row["attachments"])]
    lines += [f"  defect    {defect}" for defect in _strings(row["defects"])]
    text = str(row["text" if full else "new_text"])
    lines += [f"  | {line}" for line in text.splitlines()]
    return "\n".join(printable(line) for line in lines) + "\n"


def _dicts(value: object) -> list[dict[str, object]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _strings(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []
