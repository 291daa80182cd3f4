"""Puts a program's headers and bodies together as bytes, with what the servers on its way add above them."""

from __future__ import annotations

import base64
import quopri
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.header import Header
from email.utils import format_datetime

from tests.mail_programs.draft import Draft

US = "info@exithate.org"
Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Part:
    """One body: `kind` is its media type with parameters, `encoding` how its bytes travel."""

    kind: str
    text: str
    charset: str = "utf-8"
    encoding: str = "quoted-printable"

    def written(self) -> str:
        content = self.text.encode(self.charset, "replace")
        if self.encoding == "base64":
            body = base64.encodebytes(content).decode("ascii")
        elif self.encoding == "quoted-printable":
            body = quopri.encodestring(content).decode("ascii")
        else:
            body = content.decode("utf-8" if self.encoding == "8bit" else "ascii")
        return f"Content-Type: {self.kind}\nContent-Transfer-Encoding: {self.encoding}\n\n{body.rstrip(chr(10))}\n"


def alternative(boundary: str, parts: Iterable[Part], *, quoted: bool = True) -> str:
    """RFC 2046 section 5.1.4: the same in several forms, the best one last."""
    inner = "".join(f"--{boundary}\n{part.written()}\n" for part in parts)
    named = f'"{boundary}"' if quoted else boundary
    return f"Content-Type: multipart/alternative;\n\tboundary={named}\n\n{inner}--{boundary}--\n"


def named(draft: Draft) -> str:
    """From, as a program writes it that knows the real name of whoever sits at it."""
    name = draft.writer.name
    return f"{name if name.isascii() else Header(name, 'utf-8').encode()} <{draft.writer.address}>"


def sent(draft: Draft, hops: Sequence[str], fields: Fields, content: str) -> bytes:
    """The whole mail as it lies in our mailbox. `hops` are the Received lines of the writer's side, the last one first."""
    writer, seed = draft.writer, draft.seed
    stamp = format_datetime(draft.at)
    passed = "dkim=pass header.d={0} header.s=s1;\n\tspf=pass smtp.mailfrom={0};\n\tdmarc=pass (p=reject) header.from={0}"
    above = [
        ("Return-Path", f"<{writer.address}>"),
        ("Delivered-To", US),
        (
            "Received",
            f"from out.{writer.domain} (out.{writer.domain} [203.0.113.9])\n\tby mx.exithate.org with ESMTPS id {seed[:10]}\n"
            f"\tfor <{US}>; {stamp}",
        ),
        ("Authentication-Results", f"mx.exithate.org;\n\t{passed.format(writer.domain)}"),
        (
            "DKIM-Signature",
            f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={writer.domain}; s=s1;\n\th=from:to:subject:date:message-id;\n"
            f"\tbh={base64.b64encode(seed[:32].encode()).decode()};\n\tb={base64.b64encode(seed.encode()).decode()}",
        ),
        *(("Received", f"{hop}; {stamp}") for hop in hops),
    ]
    head = "".join(f"{name}: {value}\n" for name, value in [*above, *fields])
    return f"{head}{content}".replace("\n", "\r\n").encode()


def from_home(draft: Draft, by: str = "smtp") -> str:
    """The hop that names the home of whoever hands in a mail by SMTP."""
    writer = draft.writer
    host = writer.ip.replace(".", "-")
    return (
        f"from {writer.device} (host-{host}.home.{writer.domain} [{writer.ip}])\n"
        f"\tby {by}.{writer.domain} with ESMTPSA id {draft.seed[10:24]}"
    )
