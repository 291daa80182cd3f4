"""The templates for the day when every file is broken or missing: as kind as those in the directory, and complete."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from helpdesk.mail.builtin_replies import REPLY_TEXTS
from helpdesk.mail.template_render import Source
from helpdesk.mail.template_values import shows_mail
from helpdesk.model.delivery import Purpose

_HELP = """\
If anyone is in danger now, please don't wait for us. Call 999.

{% if signposts %}
{% if office.open %}
If you need someone to talk to now:
{% else %}
If you need someone to talk to before we open:
{% endif %}

{% for signpost in signposts %}
- {{ signpost.text }}
{% endfor %}
{% endif %}
"""
_HOURS = """\
{% if office.open %}
We are here {{ office.hours }}.
{% else %}
Our office was closed when you wrote. We are here {{ office.hours }}.\
{% if office.opens_at %} We open again on **{{ office.opens_at }}**.{% endif %}
{% endif %}

"""
_LOCKED = (
    ". But it came locked, and we can't open it. You did nothing wrong. "
    "Please write to us once more without the lock, or from another address."
)
_SAFELY = f"{{% if received.locked %}}{_LOCKED} {{% else %}}, and you do not need to send it again. {{% endif %}}"
_TOO = (
    f"{{% if received.locked %}}{_LOCKED}{{% else %}}"
    ", and we keep it together with what you sent before. You do not need to send it again.{% endif %}"
)
_END = """\
You Are Not Alone.

{{ organisation.signature }}

---

{{ organisation.name }} is the working name of {{ organisation.registered_name }}. \
Registered office: {{ organisation.registered_office }}. Charity number {{ organisation.charity_number }}. \
Company number {{ organisation.company_number }}.

{{ organisation.website }}
"""
_UNSEEN = (
    "Please open it where nobody else can see your screen, when you have a quiet moment.{% if staff.minimal %} "
    "You asked for notices without content, so what it says is not in here."
    "{% else %} What it says begins further down.{% endif %}"
)
_TICKET = """\
- Ticket: {{ waiting.reference }}, priority {{ waiting.priority }}
"""
_NOTICE = """\
Hello {{ staff.name }},

{% if staff.minimal %}
The message reached us on {{ message.received_at }}, and is only in our mailbox, {{ organisation.email }}.
{% else %}
{{ message.new_text }}

{% if message.attachments %}
Attached, in our mailbox:

{{ message.attachments }}
{% endif %}

- From: {{ message.sender_name }} {{ message.sender_address }}
- Subject: {{ message.subject }}
- Received: {{ message.received_at }}
{% if received.language %}
- Language: {{ received.language }}
{% endif %}

{% if message.unproven %}
Please take care: we can't be sure who sent this.
{% endif %}

{% if message.other_address %}
Please take care: this came from another address than the one we have for this person, {{ ticket.requester_address }}.
{% endif %}

{% if message.reply_to %}
The mail asks for answers to {{ message.reply_to }}. Your reply goes to the address that they wrote from.
{% endif %}
{% endif %}

{% if received.locked %}
This mail came locked, so we can't open it, or not all of it. Please ask them to write once more without the lock.
{% endif %}

{% if message.sender_address %}
**Reply to this mail.** What you write at the top goes to the person, from {{ organisation.email }}, and you see it before it \
goes. Put #note on the first line to keep something among us.
{% else %}
This mail names no address, so it can't be answered by email. \
Please look in the mailbox {{ organisation.email }} for another way to reach this person.
{% endif %}
{% if ticket.notes and not staff.minimal %}
Notes among us:

{{ ticket.notes }}
{% endif %}

- Ticket: {{ ticket.reference }}, {{ ticket.state }}, priority {{ ticket.priority }}
- Why you: {{ assignment.reason }}
- Earlier tickets: {{ ticket.earlier }}
- What they were sent: {{ sent.what }}

{% if message.history and not staff.minimal %}
Earlier in this conversation:

{{ message.history }}
{% endif %}
"""

_TEXTS: Mapping[Purpose, tuple[str, str]] = {
    **REPLY_TEXTS,
    Purpose.ACKNOWLEDGEMENT: (
        "Your message",
        f"""\
Hello,

Thank you for writing. Your message has reached us safely{_SAFELY}\
This first note is sent automatically.

{_HOURS}\
A person will read your message. We can't say exactly when our answer will come. We will not judge you.

If it is not safe for us to answer you at this address, please write to us from one that is. You can delete this note.

{_HELP}
You can write to us again, as often as you like.

{_END}""",
    ),
    Purpose.ACKNOWLEDGEMENT_AGAIN: (
        "Your message",
        f"""\
Hello,

Thank you for writing again. This one reached us too{_TOO}

{_HOURS}\
A person will read all of it. We can't say exactly when our answer will come. We will not judge you.

You can write more, as often as you like. You will not get a note like this each time. Your words still reach us.

{_HELP}
{_END}""",
    ),
    Purpose.STILL_WITH_YOU: (
        "Re: Your message",
        f"""\
Hello,

We have your message, and we have not forgotten you. This note is sent automatically.

A person will answer you. It takes us longer than we would like, and we are sorry. You did nothing wrong. \
We can't say exactly when our answer will come. We are here {{{{ office.hours }}}}. We will not judge you.

You do not need to write again, but you can, as often as you like. Your words reach us. \
If it is not safe for us to answer you at this address, please write to us from one that is. You can delete this note.

{_HELP}
{_END}""",
    ),
    Purpose.STAFF_ASSIGNED: ("A message is waiting", f"A message is waiting for you. {_UNSEEN}\n\n{_NOTICE}"),
    Purpose.STAFF_MESSAGE: (
        "A message is waiting",
        f"A new message is waiting on a ticket of yours. {_UNSEEN}\n\n{_NOTICE}",
    ),
    Purpose.STAFF_MOVED: (
        "A note for you",
        """\
This is only a note, and nothing has to be done about it now. It is about who looks after what, and shows no message \
and no name of anybody who has written to us.

Hello {{ staff.name }},

{% if moved.away %}
You are away{% if moved.until %} until {{ moved.until }}{% endif %}. Others look after these tickets now:
{% else %}
This is no longer yours, so please leave it to others from now on:
{% endif %}

{{ moved.tickets }}
""",
    ),
    Purpose.STAFF_REMINDER: (
        "A message is still waiting",
        f"""\
A message of yours is still waiting for an answer. Nothing of it is shown here. \
Please read on where nobody else can see your screen, when you have a quiet moment.

Hello {{{{ staff.name }}}},

Somebody has waited for an answer since {{{{ waiting.since }}}}. Perhaps you have it in hand already. \
This note comes by itself, and only once.

{_TICKET}
Please answer them when you can, by a reply to the notice that you got of this ticket. If you can't just now, that is all \
right: reply to this mail with #assign and a name on the first line, and somebody else has it.
""",
    ),
    Purpose.STAFF_ESCALATION: (
        "A message needs somebody",
        f"""\
A message is still waiting for an answer, and you hear of it because you look after the desk. Nothing of it is shown here. \
Please read on where nobody else can see your screen.

Hello {{{{ staff.name }}}},

Somebody has waited for an answer since {{{{ waiting.since }}}}.

{_TICKET}
- With: {{% if waiting.holder %}}{{{{ waiting.holder }}}}{{% else %}}nobody{{% endif %}}
- Why you hear of it: {{{{ waiting.why }}}}

Please see that somebody answers. Reply to this mail with #take on the first line to make it yours, or with #assign and a \
name to give it to somebody else. Other words in such a reply go to nobody.
""",
    ),
    Purpose.DIGEST: (
        "This morning's list",
        """\
Good morning. This is the list of what waits, as on every working morning when something waits. \
Nothing of any mail is shown here. Please read on where nobody else can see your screen.

Hello {{ staff.name }},

{% if digest.own %}
Your tickets that wait for an answer, the oldest first:

{{ digest.own }}
{% endif %}
{% if digest.answers %}Answers of yours that did not go out, and wait for your #send: {{ digest.answers }}{% endif %}

{% if digest.unassigned %}
With nobody:

{{ digest.unassigned }}
{% endif %}

{% if digest.overdue %}
Waiting for too long:

{{ digest.overdue }}
{% endif %}

{% if digest.stopped %}
Mail to people that did not go out:

{{ digest.stopped }}
{% endif %}

{% if digest.junk %}
Filed as junk since the working morning before: {{ digest.junk }}.
{% endif %}

{% if digest.held_back %}
The daily comparison with the mailbox has held messages back. The admins have a mail that says what to do.
{% endif %}
""",
    ),
    Purpose.ADMIN_ALERT: (
        "The helpdesk needs a look",
        """\
The helpdesk has found something that a person should look at. No mail is shown here. \
Please read on when you are at a screen of your own; what to do is at the end.

What happened: {{ alert.what }}

What became of the mail: {{ alert.mail }}

What to do: {{ alert.remedy }}
""",
    ),
}


def builtin_source(purpose: Purpose) -> Source:
    """The built-in template of this purpose; there is one for every purpose."""
    subject, body = _TEXTS[purpose]
    path, framed = Path(f"(built-in {purpose.value})"), purpose is not Purpose.REPLY
    return Source(path, "en", subject, body, shows_mail=shows_mail(purpose), framed=framed)
