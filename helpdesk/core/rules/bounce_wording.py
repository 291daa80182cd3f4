"""How mail systems say that they could not deliver: tables of wording, without a decision.

Everything is casefolded. `SUBJECT` and `OPENING` are matched at the start, the phrases are looked for as plain strings.
"""

from __future__ import annotations

import re

from helpdesk.core.rules.wording import at_start, phrases

_NOTICE = r"(?:(?:warning|notice|attention|error|alert|notification|system|automatic)\W{1,4})?"
_MAIL = r"(?:e-?mails?|mails?|messages?|smtp|your (?:e-?mail|mail|message))"

# At the start, so that "Re: Undelivered Mail" or "Fwd: failure notice", which people write, do not match.
SUBJECT = at_start(
    (
        rf"{_NOTICE}(?:\[.{{1,40}}\] )?undeliver(?:able|ed)\b",
        rf"{_NOTICE}{_MAIL} (?:delivery|delivering|transport|system) (?:fail|problem|error|status|delay|has|report|notif|was"
        r"|issue|warn|deferred|information|unsuccess|(?:sub)?system|incomplete)",
        rf"{_NOTICE}{_MAIL} (?:failure|failed|failing|bounced?|rejected|blocked|refused|delayed|undeliverable|not delivered"
        r"|returned|is undeliverable|still undelivered|status report|you sent (?:could|was|has)|\S{1,60} delayed)",
        rf"{_NOTICE}{_MAIL} (?:to .{{1,80}} )?(?:could not be|couldn't be|was not|wasn't|cannot be|can't be|is not"
        r"|has not (?:yet )?been) (?:sent|deliver)",
        rf"{_NOTICE}(?:could not|unable to|cannot) (?:deliver|send) (?:the )?{_MAIL}",
        rf"{_NOTICE}(?:returned|rejected|bounced?|failed|blocked|delayed) {_MAIL}\b|return(?:ed)? to sender",
        rf"{_NOTICE}(?:permanent |temporary |fatal )?(?:delivery|transport|transmission) (?:status|fail|has fail|problem|delay"
        r"|error|notif|report|has been delay|incomplete|unsuccess|subsystem)",
        r"failed delivery|failed to deliver|failure (?:notice|delivery|notification|of delivery)",
        r"bounce(?:d|:| notif| notice| message)|\[bounce\]|e-?mail bounce",
        r"(?:permanent|fatal) (?:delivery |mail )?(?:failure|error)|non-?deliver(?:y|able)",
        r"there was an error sending your mail|error (?:sending|delivering) |postmaster notify|mail server notif",
        rf"{_NOTICE}(?:\S{{1,80}}@\S{{1,80}} - )?user unknown|unknown user|mail:? ?(?:delivery|system) error",
        r"(?:e-?mail )?(?:quota|mailbox) (?:exceeded|is full|full)",
        # German
        r"unzustellbar|nicht zustellbar|zustellung (?:fehlgeschlagen|nicht|ihrer)|mailzustellung|fehlgeschlagene nachricht",
        r"nachricht (?:konnte )?nicht zu(?:gestellt|stellbar)|ihre (?:e-?mail|nachricht) konnte nicht",
        r"benachrichti?gung zum übermittlungsstatus",
        # French
        r"(?:message )?non (?:remis|distribu|d[ée]livr)|[ée]chec (?:de (?:la )?)?(?:remise|livraison|distribution)",
        r"impossible de (?:remettre|distribuer)|courrier (?:non|retourn|en attente)|utilisateur (?:non recens|inconnu)",
        # Spanish, Italian, Dutch
        r"no (?:se puede|se ha podido|se pudo|fue posible) entreg|no entregado|correo (?:devuelto|no entregado)",
        r"error de entrega",
        r"non (?:recapit|consegn)|mancat[ao] (?:consegna|recapito)|impossibile (?:recapit|consegn)",
        r"onbestelbaar|niet (?:bezorgd|afgeleverd)|(?:e-?mail|bericht) (?:kon|kan) niet worden",
        # Polish, Portuguese, Danish, Norwegian, Swedish, Finnish, Czech, Hungarian
        r"niedostarcz|nie dostarczono|zwrot (?:poczty|nadawcy)|n[ãa]o (?:entreg|foi poss[ií]vel)|falha (?:na|de) entrega",
        r"ikke lever|kan ikke lever|uleveret|ej lever|olever|kunde inte lever|ei (?:voitu|voida) toimittaa",
        r"toimitus epäonnistui|nedoruč|kézbesíthetetlen",
        # Russian, Turkish, Arabic, Japanese, Chinese, Korean
        r"не удалось доставить|не удается доставить|недоставлен|(?:ваше )?сообщение не доставлен|ошибка доставки",
        r"teslim edileme|iletileme|تعذر (?:التسليم|تسليم)|لم يتم تسليم",
        r"配信不能|配信(?:エラー|できません)|未配信|エラーメール|送信(?:エラー|できません)",
        r"退信|系统退信|系統退信|无法(?:投递|送达)|未送达|無法傳遞|배달되지",
    )
)

# The first words of a mail system's own text: qmail, Exim, Postfix, sendmail, Exchange, Yahoo, Domino, Gmail.
OPENING = at_start(
    (
        r"hi\. (?:this is )?the \S+ program",
        r"this is the (?:mail system|machine generated|(?:\S+ ){1,5}(?:program|agent|server)\b)",
        r"this (?:message|e-?mail|mail) was (?:created|generated) automatically by (?:the )?mail",
        r"this is an automat(?:ed|ically generated) (?:message created by mail|delivery)",
        r"the original message was received at|-{3,} ?(?:failed recipients|transcript of session|"
        r"the following addresses|failure reasons)",
        r"your (?:message|mail) (?:to:?|(?:with )?subject:?) .{1,500} (?:did not reach|could not be delivered|"
        r"was not delivered)",
        r"your message did not reach|notice: delivery failure|an error was detected while processing the enclosed",
        r"your mail sent on:? .{1,80} could not be delivered",
        r"delivery (?:has failed to these|to the following) recipient|unable to deliver (?:your )?message to",
        r"your message (?:wasn't|couldn't be|was not|could not be|to \S{1,100} (?:wasn't|couldn't be|"
        r"has been)) (?:delivered|blocked|rejected)",
        r"address not found|sorry,? we were unable to deliver|sorry \S{1,100}\. your mail to the following",
        r"the following (?:message|mail|recipients?|address(?:es)?|destination addresses) (?:could|had|has|have|to|was|were)",
        r"could not deliver (?:the )?(?:mail|message)|we had trouble delivering your message|"
        r"message from \S{1,100} unable to deliver",
        r"(?:this|the attached) message (?:had permanent|was undeliverable)|failed to deliver to|your mail to the following",
    )
)

# What only mail systems say, at such length that people don't say it by chance, or that counts only beside another sign.
PHRASES = phrases("""
[en] this is the mail system at host | program at host | i'm sorry to have to inform you that
[en] this message was created automatically by mail | created by mail delivery software | automatic bounce notification
[en] a message that you sent could not be delivered | a message that you sent has not yet been delivered
[en] not yet been delivered | a message that you have sent could not | i wasn't able to deliver your message
[en] unable to deliver your message | unable to deliver message | not able to deliver your message | unable to deliver mail
[en] did not reach the following recipient | has not reached the following recipient | couldn't be delivered
[en] wasn't delivered
[en] could not be delivered | cannot be delivered | could not deliver | couldn't deliver | message not delivered
[en] message was not delivered | you sent was not delivered | undeliverable | undelivered message | unable to deliver to
[en] delivery to the following recipient | delivery to the following address | delivery has failed | delivery has been failed
[en] delivery failed | delivery failure | delivery of the following | failed recipient | unknown recipient | delivery errors
[en] the following addresses had | address(es) failed | the following recipient | following address(es)
[en] email you sent was rejected
[en] the following destination addresses were unknown | transcript of session follows | returned for the following reason
[en] failure reasons | reason for failure | permanent fatal | permanent error | message header follows
[en] unsent message follows
[en] original message follows | returned mail | returned message | your message could not | trouble delivering
[en] problem delivering
[en] error delivering | mailbox unavailable | user unknown | unknown user | no such user | no such address
[en] recipient rejected
[en] invalid address | mailbox is full | mailbox full | over quota | quota exceeded | remote host said
[en] message has been blocked
[en] not listed in public name & address book | not listed in domino directory | message could not be sent
[de] konnte nicht zugestellt werden | konnte nicht an folgende | konnte nicht ausgeliefert werden | nicht zugestellt
[de] unzustellbar
[fr] n'a pas pu être remis | n'a pas pu etre remis | n'a pas pu être délivré | n'a pas été remis | n'a pu être distribué
[es] no se pudo entregar | no pudo ser entregado | no se ha podido entregar | no se puede entregar
[it] non è stato possibile recapitare | non è stato possibile consegnare | non e' stato possibile | impossibile recapitare
[nl] kon niet worden afgeleverd | kan niet worden bezorgd | kon niet worden bezorgd | niet worden bezorgd
[pl] nie mogła zostać dostarczona | nie została dostarczona | nie można dostarczyć | nie udało się dostarczyć
[pt] não pôde ser entregue | não foi entregue | nao pode ser entregue | não foi possível entregar
[da] kunne ikke leveres | kan ikke leveres | blev ikke leveret
[no] ble ikke levert | kunne ikke leveres
[sv] kunde inte levereras | kan inte levereras
[fi] ei voitu toimittaa | ei voida toimittaa
[cs] nemohla být doručena | nebylo možné doručit
[hu] nem sikerült kézbesíteni | nem kézbesíthető
[ru] не было доставлено | не может быть доставлено | невозможно доставить | не доставлено | не удалось доставить
[tr] teslim edilemedi | iletilemedi
[ar] تعذر تسليم | لم يتم تسليم
[ja] 配信できません | 配送できません | 送信できません | エラーが発生
[zh] 无法送达 | 无法投递 | 被退回 | 無法傳送
""")

# Where the returned mail begins in a bounce without MIME parts, and the codes of a server's refusal.
SEPARATORS = phrases("""
this is a copy of the message | this is a copy of your message | below this line is a copy of | here is a copy of the
original message follows | unsent message follows | message header follows | of the message follows
| text of your message follows
- returned message - | - returned mail - | - original message - | the header of the original message | message removed
received: from | received: by | return-path: <
""")
CODES = re.compile(r"\b[45]\.\d{1,3}\.\d{1,3}\b|\b(?:4[25]\d|5[05]\d)[ -][a-z5#<]")
# What people put before a notice that they quote or complain of; mail systems speak of nobody's feelings.
PERSONAL = re.compile(
    r"\b(?:i|i'm|i've|my|me|hello|hey|dear|help|please|thanks|ich|mein\w*|hallo|liebe\w*|je|j'ai|mon|bonjour|yo|hola|mi|"
    r"ciao|buongiorno|helo|shwmae|fy)\b"
)
