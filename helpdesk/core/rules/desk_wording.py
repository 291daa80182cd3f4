"""How other helpdesks acknowledge a mail, and how spam guards ask for a proof: tables of wording, without a decision."""

from __future__ import annotations

import re

from helpdesk.core.rules.wording import at_start, phrases

# Headers that only the notifications of trackers carry: nobody writes to us through them by hand.
TRACKER_HEADERS = frozenset(
    """
    x-github-reason x-github-sender x-gitlab-project x-gitlab-project-id x-gitlab-pipeline-id x-jira-fingerprint
    x-atlassian-mail-message-id x-redmine-host x-redmine-issue-id x-bugzilla-reason x-bugzilla-type x-mantis-version
    x-launchpad-notification-type x-trac-version x-phabricator-sent-this-message x-discourse-post-id x-sentry-project
    """.split()
)
# Headers of desks whose staff also write by hand: only with the wording of an acknowledgement.
DESK_HEADERS = frozenset(
    """
    x-zendesk-from-account-id x-zendesk-email-id x-freshdesk-from x-fd-account-id rt-ticket rt-originator x-rt-ticket
    x-rt-loop-prevention x-powered-by x-osticket-ticket x-helpscout-conversation-id x-kayako-ticket x-intercom-conversation
    x-hubspot-ticket-id managed-by x-zohodesk-ticket x-front-conversation x-ticket-id x-ticketid x-zammad-ticket-id x-helpdesk
    """.split()
)
DESK_MAILER = re.compile(
    r"zendesk|freshdesk|osticket|otrs|zammad|kayako|helpscout|znuny|request tracker|zoho desk|hesk|deskpro|happyfox"
)

ACKNOWLEDGEMENT_SUBJECT = at_start(
    (
        r"(?:\[.{1,40}\] )?(?:request|ticket|message|e-?mail|enquiry|inquiry|case|complaint) received",
        r"(?:\[.{1,40}\] )?we(?: have|'ve)? received your|(?:\[.{1,40}\] )?(?:ticket|case|request) (?:created|"
        r"opened|registered|logged)",
        r"(?:\[.{1,40}\] )?your (?:\S{1,20} ){0,2}(?:ticket|request|case|enquiry|inquiry|message|"
        r"e-?mail)\b.{0,40} (?:has been|was|is)? ?"
        r"(?:received|created|opened|registered|logged)",
        r"\[.{1,40} #\d+\] autoreply:|autoreply:|support ticket opened|(?:automatic )?acknowledge?ment(?: of| -|:)|"
        r"receipt of your",
        r"thank(?:s|s you| you) for (?:contacting|your (?:e-?mail|message|enquiry|inquiry|request)|"
        r"getting in touch|reaching out|writing to)",
        r"(?:automatische )?(?:eingangs|empfangs)bestätigung|ihre (?:anfrage|nachricht) (?:bei|ist|wurde|an)|"
        r"accusé de réception|acuse de recibo",
        r"conferma (?:di )?ricezione|ontvangstbevestiging|bevestiging van ontvangst|potwierdzenie (?:otrzymania|"
        r"przyjęcia)|confirmação de rece",
        r"(?:bekræftelse|bekreftelse|bekräftelse) (?:på|av)|vahvistus|potvrzení (?:o )?přijetí|подтверждение получения|"
        r"お問い合わせ(?:を|あり|受付)",
        r"diolch am (?:gysylltu|eich|e-bostio)|cydnabyddiaeth",
    )
)
# "Your mail has come in" …
RECEIVED = phrases("""
[en] we have received your | we've received your | has been received | was received | your request has been
[en] your ticket has been
[en] a ticket has been | ticket has been created | ticket was created | case has been created | has been logged
[en] has been registered
[en] thank you for contacting | thanks for contacting | thank you for your email | thank you for your e-mail
[en] thank you for emailing
[en] thank you for your message | thank you for your enquiry | thank you for your inquiry | thank you for getting in touch
[en] thanks for getting in touch | thanks for reaching out | thank you for reaching out | thanks for your email
[en] thanks for your message
[en] thank you for writing to | acknowledge receipt | confirm receipt of your | confirm that we have received
[cy] diolch am gysylltu | diolch am eich | rydym wedi derbyn eich
[de] ihre anfrage ist bei uns eingegangen | ihre nachricht ist bei uns eingegangen | ihre e-mail ist bei uns eingegangen
[de] wir haben ihre | vielen dank für ihre anfrage | vielen dank für ihre nachricht | vielen dank für ihre e-mail
[de] danke für ihre
[fr] nous avons bien reçu | votre demande a été | votre message a bien été | merci de nous avoir contacté
[fr] merci pour votre message
[es] hemos recibido su | hemos recibido tu | su solicitud ha sido | gracias por contactar | gracias por su mensaje
[it] abbiamo ricevuto la | la sua richiesta è stata | grazie per averci contattato | grazie per il suo messaggio
[nl] we hebben je | wij hebben uw | bericht is ontvangen | aanvraag is ontvangen | bedankt voor uw bericht
[nl] bedankt voor je bericht
[pl] otrzymaliśmy | zgłoszenie zostało | dziękujemy za kontakt | dziękujemy za wiadomość | dziękujemy za zgłoszenie
[pt] recebemos sua | recebemos o seu | recebemos a sua | obrigado por entrar em contato | obrigado por contactar
[da] vi har modtaget din | tak for din henvendelse
[no] vi har mottatt din | takk for din henvendelse
[sv] vi har tagit emot | vi har mottagit | tack för ditt mejl
[fi] olemme vastaanottaneet | kiitos yhteydenotostasi
[cs] přijali jsme | děkujeme za
[hu] megkaptuk
[ru] ваше обращение | ваша заявка | ваше письмо получено | мы получили ваш
[ar] تلقينا رسالتك | لقد استلمنا | شكرا لتواصلك
[ja] お問い合わせいただき | お問い合わせありがとう | 受け付けました | 受け付けいたしました
[zh] 我们已收到 | 我们已经收到 | 已收到您的
""")
# … and what an organisation says next. "I will get back to you" is what people write.
PROMISES = phrases("""
[en] we will get back | we'll get back | we will respond | we will reply | we aim to | we will contact you
[en] we will be in touch
[en] we'll be in touch | we endeavour | we try to | working days | business days | working hours of | member of our team
[en] member of the team | member of our staff | our team will | our support team | support team
[en] will be reviewed
[en] add additional comments | reply to this email to add
[en] view the status
[en] check the status | respond within | reply within | will be answered | will be assigned
[cy] cyn gynted â | diwrnod gwaith | bydd aelod
[de] schnellstmöglich | so schnell wie möglich | in kürze | werktag | bearbeitungsnummer
[fr] dans les plus brefs | dans les meilleurs délais | jours ouvr
[es] lo antes posible | a la brevedad | días hábiles
[it] al più presto | giorni lavorativi
[nl] zo spoedig mogelijk | zo snel mogelijk | werkdagen
[pl] jak najszybciej | dni roboczych
[pt] o mais breve | o mais rápido | dias úteis
[da] hurtigst muligt | arbejdsdage
[sv] så snart som möjligt | arbetsdagar
[ru] в ближайшее время | рабочих дн
[ja] 営業日 | 折り返し
[zh] 尽快 | 工作日
""")
TICKET = re.compile(
    r"""
      \b(?:ticket|request|case|incident|issue|enquiry|inquiry|reference|ref|vorgang(?:snummer)?|anfrage|demande|solicitud
         |richiesta|zgłoszeni[ea]|aanvraag|chamado|sag|ärende)
      \ ?(?:reference|number|no\.?|nr\.?|id|nummer|numéro|número|numero)?\ ?(?:is|:)?\ ?[#(\[]{0,2}\ ?(?:[a-z]{1,6}-)?\d{3,}
    | \[(?:ticket|request|case)?\ ?\#?:?\ ?[a-z]{0,8}-?\d{3,}\] | \[[\w.-]{1,30}\ \#\d+\]
    | \#\#-?\ ?please\ type\ your\ reply | \#\d{4,}
    """,
    re.VERBOSE,
)
# Our own reference in a subject is there because somebody answers us.
OUR_REFERENCE = re.compile(r"\[eht-\d+\]")

GUARDS = phrases("""
boxbe | spam arrest | spamarrest | mailinblack | bluebottle | spamblocker | qurb | sendio | knowspam | choicemail | tmda
tagged message delivery agent | active spam killer | digiportal | 0spam | mailblocks | vanquish | spamfighter
| anti-spam challenge
""")
CHALLENGE = re.compile(
    r"""
      (?:click|follow|visit|use|open)\ .{0,60}\b(?:link|button|below|url|here)\b.{0,160}
        \b(?:verif|confirm|authori[sz]e|approve|deliver|release|allowed|whitelist|guest\ list|identif|added)
    | (?:verif|confirm|authenticat|approve|identify)\w*\ .{0,80}
        \b(?:you\ are\ (?:a\ )?(?:human|real|not\ a)|(?:that\ )?you\ sent|your\ (?:message|e-?mail|address))
    | (?:message|e-?mail)\ .{0,120}(?:has\ been|was|is|will\ be|being)\ (?:waitlisted|quarantined|held|placed|put\ on\ hold)
    | guest\ list | (?:reply|respond)\ to\ this\ (?:message|e-?mail)\ .{0,60}(?:confirm|deliver|verif)
    | (?:cliquez|cliquer)\ .{0,120}(?:authentif|confirm|identif|valid)
    | bitte\ bestätigen\ sie\ .{0,80}(?:absender|e-?mail|nachricht)
    """,
    re.VERBOSE,
)
