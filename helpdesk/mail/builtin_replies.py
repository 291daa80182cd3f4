"""The built-in templates of what staff do by mail, for the day when their files are broken or missing."""

from __future__ import annotations

from collections.abc import Mapping

from helpdesk.model.delivery import Purpose

REPLY_TEXTS: Mapping[Purpose, tuple[str, str]] = {
    Purpose.REPLY: (
        "Re: Your message",
        """\
Thank you for your patience. This is our answer to what you wrote to us. \
You can read it now or later, and you can write back to this address.

{{ reply.text }}

You Are Not Alone.

{{ staff.name }} - {{ organisation.name }}

---

{{ organisation.name }} is the working name of {{ organisation.registered_name }}. \
Registered office: {{ organisation.registered_office }}. Charity number {{ organisation.charity_number }}. \
Company number {{ organisation.company_number }}.

{{ organisation.website }}
""",
    ),
    Purpose.STAFF_REPLY_WAITING: (
        "Your reply",
        """\
This is a note about the reply that you have just sent to us. Nothing of it is shown in these first lines. \
Please read on where nobody else can see your screen.

Hello {{ staff.name }},

{% if reply.held %}
Your reply has not gone out, and it waits for you. {{ reply.held }}

To send it all the same, reply to this note with #send on the first line. To leave it, do nothing.
{% else %}
On {{ reply.goes_at }} this goes to the person who wrote. You need to do nothing more.

To take it back, reply to this note with #stop on the first line. To send it at once, reply with #send.
{% endif %}

{{ reply.also }}

{{ reply.left_out }}

{% if not staff.minimal %}
This is what they get, word for word:

{{ reply.text }}

{{ reply.files }}
{% endif %}

- Ticket: {{ reply.reference }}
""",
    ),
    Purpose.STAFF_ANSWERED: (
        "A note for you",
        """\
This is only a note about a ticket of yours. Nothing of what anybody wrote is shown in these first lines. \
Please read on where nobody else can see your screen.

Hello {{ staff.name }},

On {{ answered.at }} somebody answered the person of {{ answered.reference }} \
from our mailbox itself, {{ organisation.email }}.

{% if answered.wrote_since %}
The person has written again since, so the ticket still waits for an answer.
{% elif answered.closed %}
The ticket is closed, and stays so. There is nothing for you to do.
{% else %}
So you need not answer, and nobody will remind you. \
To close the ticket, reply to this note with #close on the first line.
{% endif %}

{% if answered.text and not staff.minimal %}
What was written to them:

{{ answered.text }}
{% endif %}
""",
    ),
    Purpose.STAFF_HELP: (
        "About your mail",
        """\
This is a note about a mail of yours to us. Nothing of what anybody wrote is shown in here. \
Please read on where nobody else can see your screen.

Hello {{ staff.name }},

{{ help.what }}

{{ help.mail }}

{{ help.remedy }}

Reply to a notice of ours, and what you write at the top goes to the person. On the first line, on a line of its own, you can \
put: #note, #close, #take, #assign and a name, #pending, #urgent, #person, #away until and a day, #back, #stop, #send, \
#help.
""",
    ),
}
