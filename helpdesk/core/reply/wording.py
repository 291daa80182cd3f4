"""How mail programs introduce what they quote, in the languages that people write to us in.

Only words and patterns; what they mean for a mail is decided by the modules that use them. A new language is one more
line in each table; test it with a mail of its own in `tests/corpus/reply/`.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Field(StrEnum):
    """What a header line inside a quoted mail holds."""

    FROM = "from"
    DATE = "date"
    TO = "to"
    SUBJECT = "subject"
    OTHER = "other"


def _phrases(table: str) -> frozenset[str]:
    return frozenset(phrase.strip() for line in table.strip().splitlines() for phrase in line.split("|"))


_LABELS = {
    Field.FROM: """
        from | von | de | da | van | od | od kogo | fra | från | lähettäjä | от | от кого | від | oddi wrth | gan | expéditeur
        remitente | mittente | afzender | nadawca | absender | afsender | avsändare | gönderen | kimden | expeditor | feladó
        من | منجانب | از طرف | فرستنده | از | مرسل | المرسل | מאת | 发件人 | 寄件者 | 寄件人 | 差出人 | 送信者
        보낸 사람 | 보낸사람
    """,
    Field.DATE: """
        sent | date | gesendet | datum | envoyé | envoyé le | date d'envoi | message du | enviado | enviado el | enviada em
        fecha | data | inviato | verzonden | wysłano | wysłane | data wysłania | sendt | dato | skickat | lähetetty
        päivämäärä | päiväys | odesláno | datum odeslání | отправлено | дата | надіслано | anfonwyd | dyddiad | trimis | küldve
        gönderildi | tarih | تم الإرسال | التاريخ | تاريخ الإرسال | أرسل | أرسلت | أُرسلت | بھیجا گیا | تاریخ | ارسال شده
        נשלח | תאריך | 发送时间 | 日期 | 寄件日期 | 已傳送 | 日時 | 送信日時 | 送信 | 보낸 날짜 | 날짜 | date/time | sent at
    """,
    Field.TO: """
        to | an | à | a | para | aan | do | til | till | vastaanottaja | komu | кому | до | at | i | empfänger | destinataire
        destinatario | destinatari | kime | către | címzett | إلى | الى | بنام | بخدمت | وصول کنندہ | به | אל
        收件人 | 收件者 | 宛先 | 받는 사람 | 받는사람
    """,
    Field.SUBJECT: """
        subject | betreff | objet | sujet | asunto | assunto | oggetto | onderwerp | temat | emne | ämne | aihe | předmět
        тема | pwnc | testun | subiect | tárgy | konu | الموضوع | موضوع | عنوان | נושא | 主题 | 主旨 | 件名 | 제목
    """,
    Field.OTHER: """
        cc | bcc | kopie | copie à | copie | copia | cópia | dw | kopia | kopi | kopio | копия | копія | نسخة | reply-to
        répondre à | antwort an | importance | wichtigkeit | priorité | attachments | anlagen | pièces jointes | organization
        organisation | vedhæftet | 抄送 | 副本 | 참조 | bilagor | adjuntos | allegati | bijlagen | załączniki | atodiadau
    """,
}

# Ambiguous labels (Danish "til", Welsh "at") do no harm: a block needs several different fields in a row.
LABELS: dict[str, Field] = {
    label: field for field, table in _LABELS.items() for line in table.strip().splitlines() for label in _phrases(line)
}

# A line of these words between dashes opens a quoted or forwarded mail.
QUOTED_MAIL = _phrases("""
    original message | original email | original e-mail | original mail | forwarded message | forwarded mail | reply message
    forwarded email | forwarded by | previous message | begin forwarded message | start of forwarded message
    neges wreiddiol | y neges wreiddiol | neges wedi'i hanfon ymlaen | neges wedi ei hanfon ymlaen | dechrau neges ymlaen
    dechrau neges wedi'i hanfon ymlaen | dechrau'r neges a anfonwyd ymlaen
    ursprüngliche nachricht | originalnachricht | original-nachricht | original nachricht | weitergeleitete nachricht
    anfang der weitergeleiteten nachricht | anfang weitergeleiteter nachricht | urspr. nachricht | antwortnachricht
    message d'origine | message original | message initial | message transféré | début du message transféré
    début du message réexpédié | mail original | e-mail d'origine | message transmis | courriel d'origine
    mensaje original | mensaje reenviado | inicio del mensaje reenviado | mensagem original | mensagem encaminhada
    início da mensagem reencaminhada | início da mensagem encaminhada | mensagem reencaminhada
    messaggio originale | messaggio inoltrato | inizio messaggio inoltrato | messaggio originario
    oorspronkelijk bericht | oorspronkelijke bericht | origineel bericht | doorgestuurd bericht | begin doorgestuurd bericht
    wiadomość oryginalna | oryginalna wiadomość | wiadomość przekazana | przekazana wiadomość | wiadomość pierwotna
    początek przekazywanej wiadomości | przekazywana wiadomość | treść oryginalna | forwarded message from
    oprindelig besked | oprindelig meddelelse | original meddelelse | videresendt besked | videresendt meddelelse
    start på videresendt besked | opprinnelig melding | videresendt melding | original melding | begynn videresendt melding
    ursprungligt meddelande | originalmeddelande | vidarebefordrat meddelande | vidarebefordrat brev
    vidarebefordrat brev börjar | alkuperäinen viesti | välitetty viesti | původní zpráva | přeposlaná zpráva
    předaná zpráva | mesaj original | mesaj redirecționat | eredeti üzenet | továbbított üzenet | orijinal mesaj
    orijinal ileti | iletilen mesaj | исходное сообщение | пересылаемое сообщение | пересланное сообщение
    перенаправленное сообщение | оригинальное сообщение | вихідне повідомлення
    переслане повідомлення | αρχικό μήνυμα | προωθημένο μήνυμα
    الرسالة الأصلية | رسالة أصلية | الرسالة الأصليّة | رسالة معاد توجيهها | الرسالة المُعاد توجيهها | بدء الرسالة المعاد توجيهها
    اصل پیغام | اصل میسج | فارورڈ کردہ پیغام | آگے بھیجا گیا پیغام | پیام اصلی | پیام هدایت‌شده | הודעה מקורית | הודעה שהועברה
    原始邮件 | 原始郵件 | 原邮件 | 转发邮件 | 转发的邮件 | 轉寄郵件 | 轉寄的郵件 | 元のメッセージ
    転送メッセージ | 転送されたメッセージ
    원본 메시지 | 원본 메일 | 전달된 메시지 | 전달된 메일
""")

# What other helpdesks and forums print between the answer and the history.
REPLY_ABOVE = re.compile(
    r"(?:reply|response|respond|answer|write|type) .{0,20}above this (?:line|text|message)"
    r"|above this line .{0,20}(?:reply|respond|answer)"
    r"|(?:ant\w*|schreiben|tippen) .{0,20}(?:über|oberhalb) diese[rn] (?:zeile|linie)"
    r"|répon\w* .{0,30}au[- ]dessus de cette ligne|(?:respon|escrib)\w* .{0,30}(?:encima|arriba) de esta l[ií]nea"
    r"|(?:rispon|scriv)\w* .{0,30}sopra quest|antwoord .{0,20}boven deze (?:regel|lijn)|(?:odp\w*) .{0,30}nad (?:tą|ta) lini"
    r"|ateb\w* .{0,20}uwchben y llinell",
    re.IGNORECASE,
)
PREVIOUS_REPLIES = _phrases("""
    previous replies | vorherige antworten | réponses précédentes | respuestas previas | respuestas anteriores
    respostas anteriores | risposte precedenti | eerdere reacties | eerdere antwoorden | poprzednie odpowiedzi
    tidigare svar | tidligere svar | aiemmat vastaukset | předchozí odpovědi | предыдущие ответы | atebion blaenorol
    ردود سابقة | الردود السابقة | پچھلے جوابات | 之前的回复 | 之前的回覆 | 以前の返信
""")

# "wrote", as mail programs say it; some put the name behind the verb (Welsh, German, Dutch, Arabic).
WROTE = re.compile(
    r"\b(?:wrote|writes|ysgrifennodd|ysgrifenodd|sgwennodd|schrieb|geschrieben|a[ \xa0]écrit|a ecrit"
    r"|écrivait|écrit|escribió|escribio|ha escrito|escreveu|ha scritto|scrive|schreef|geschreven"
    r"|napisała?\b(?:\(-?a\))?|napisał/a|napisana przez|pisze|nadesłał|skrev|kirjoitti|napsala?\b(?:\(-?a\))?|napísala?"
    r"|написала?|написав|пишет|пише|a scris|ezt írta|írta|yazdı|έγραψε|va escriure|viết|menulis|ayaa qoray)\b(?:\(-?[aа]\))?"
    r"|تمت كتابة ما يلي|كتبت?|نے لکھا|نوشت|כתבה?|写道|寫道|写入|のメール|님이 작성|لکھا|ਨੇ ਲਿਖਿਆ|ने लिखा|লিখেছেন",
    re.IGNORECASE,
)
# With one of these before it the verb tells a story: "then he wrote:" is the writer's own sentence.
STORY_WORDS = frozenset(
    """
    he she they i we it who and just then also that ever even only had has have been never always er sie ich wir
    man dann und il elle on je nous ils elles et lui lei io e poi ella él yo y ze hij ik en on ona ja i han hun hon jag
    jeg och og он она я и هو هي و اس انہوں میں
    """.split()
)
OPENER = re.compile(
    r"(?:on|le|am|den|el|il|op|w dniu|dnia|em|no dia|ar|dana|dne|på|em|pe|στις|на|в|у|în|lúc|vào|في|بتاريخ|بروز|در|ב)\b"
    r"|[\d\"'“”«*<(\[]"
    r"|(?:mon|tue|wed|thu|fri|sat|sun|lun|mar|mer|jeu|ven|sam|dim|mié|jue|vie|sáb|dom|gio|sab|pon|wt|śr|czw|pt|sob|niedz|man"
    r"|tir|ons|tor|fre|lør|søn|mån|tis|lör|sön|maan|dins|woens|dond|vrij|zat|zon|mont|dien|mitt|donn|frei|sams|llun|maw|iau"
    r"|gwe|sad|sul|пн|вт|ср|чт|пт|сб|вс|пон|втор|сре|чет|пят|суб|вос)\w*[.,]? ",
    re.IGNORECASE,
)

# "See my answers below, in red": the writer answers inside the quoted mail, so nothing of it may be folded.
ANSWERS_BELOW = re.compile(
    r"\b(?:my|our|see|some|added|put|the) (?:\w+ ){0,2}?(?:answers?|repl(?:y|ies)|responses?|comments?|notes?|remarks?)\b"
    r".{0,25}\b(?:below|inline|in-line|in line|in red|in blue|in green|in bold|in capitals|in caps|in between|in the text)\b"
    r"|\b(?:answered|replied|responded|commented)\b.{0,25}\b(?:below|inline|in-line|in line|in red|in blue|in bold|in caps)\b"
    r"|\b(?:inline|in-line) (?:below|answers?|replies|comments?|responses?)\b|\bsee (?:inline|in-line|in red|in blue|in bold)\b"
    r"|\b(?:in red|in blue|in bold|inline) below\b|\bbelow in (?:red|blue|green|bold|caps|capitals)\b"
    r"|\b(?:antwort|kommentar|anmerkung)\w*\b.{0,30}\b(?:unten|im text|in rot|rot markiert|in blau)\b|\bsiehe unten\b"
    r"|\b(?:réponse|commentaire)s?\b.{0,30}\b(?:ci-dessous|dans le texte|en rouge|en bleu)\b|\bvoir ci-dessous\b"
    r"|\b(?:respuesta|comentario)s?\b.{0,30}\b(?:abajo|debajo|en rojo|en azul)\b"
    r"|\b(?:rispost[ae]|comment[oi])\b.{0,30}\b(?:sotto|di seguito|in rosso|in blu|nel testo)\b"
    r"|\b(?:antwoord|reactie|opmerking)\w*\b.{0,30}\b(?:hieronder|in het rood|in rood|in de tekst|onderaan)\b"
    r"|\b(?:odpowied\w*|komentarz\w*)\b.{0,30}\b(?:poniżej|na czerwono|w tekście)\b"
    r"|\b(?:atebion|ateb|sylwadau)\b.{0,30}\b(?:isod|mewn coch)\b"
    r"|(?:إجاب|رد|تعليق)\w*.{0,30}(?:أدناه|بالأحمر)|جواب\w*.{0,30}نیچے",
    re.IGNORECASE,
)
