"""What a program or a mail server hangs below the writer's words: signature, "Sent from my iPhone", legal notices.

A sign-off and a name are the person's own words and stay. When in doubt a line is theirs.
"""

from __future__ import annotations

import re

from helpdesk.core.reply.attribution import INVISIBLE

_MAX_SIGNATURE_LINES = 24
_MAX_BARE_LINES = 10
_SEPARATOR = re.compile(r"[-–—_=*#~+\s]{2,}")
_MAX_NOTICE_LINES = 30

_DEVICE = (
    r"iphone\w*|ipad\w*|ipod\w*|android\w*|galaxy|samsung\w*|htc|nokia|lumia|windows|blackberry|outlook|gmail|mailbox|airmail"
    r"|mobile|phone|smartphone\w*|tablet|huawei|xiaomi|redmi|oneplus|oppo|honor|pixel|sony|motorola|thunderbird|k-9|fairemail"
    r"|bluemail|spark|yahoo|aol|gmx|web\.de|proton ?mail|tutanota|tuta|hotmail|icloud|macbook|mac|laptop|pc|cell|handheld"
    r"|mail(?=\s+(?:for|für|pour|para|per|voor|dla)\b)|handy|mobiltelefon\w*|mobilgerät\w*|téléphone|portable|móvil|telefono"
    r"|telefoon|mobiel|telefon\w*|ffôn|tabled|موبايل|هاتفي?|جوالي?|موبائل|فون|آئی فون|آيفون|айфон|телефон\w*"
)
# Whose device it is may decide where an answer is safe: "Sent from my mum's phone" and "… work phone" are kept.
_TELLING = re.compile(
    r"['’]s\b|\b(?:mum|mom|mother|dad|father|parent|sister|brother|friend|wife|husband|partner|boyfriend|girlfriend|aunt"
    r"|uncle|nan|gran|cousin|neighbou?r|colleague|teacher|school|college|library|(?<!blackberry )work|office|son|daughter"
    r"|elses?|borrowed|because|cause|cos|another)s?\b",
    re.IGNORECASE,
)
_SORRY = (
    r"(?:[.,;:!–—-]+ *(?:so |and )?(?:please |kindly |sorry|excuse|pardon|apolog|forgive|brevity|typo"
    r"|powered by|get the app|search,).{0,90})?"
)
_SENT_FROM = re.compile(
    rf"(?:message |e-?mail |mail )?(?:sent|posted|written|typed|composed|dictated|e?mailed) (?:from|via|with|using|on|by)"
    rf"(?: (?:my|a|an|the))?(?: [\w./'-]+){{0,4}}? (?:{_DEVICE})\b[^.,!?;]{{0,50}}{_SORRY}[.!]*"
    rf"|sent from my [\w-]+(?: [\w-]+){{0,2}}{_SORRY}[.!]*"
    rf"|(?:\w+ )?from (?:my )?(?:iphone|ipad|ipod|mobile|android|blackberry)(?: \w{{1,5}}){{0,2}}"
    rf"|via mobile|sent by (?:galaxy|iphone|android)",
    re.IGNORECASE,
)
_SENT_FROM_ABROAD = re.compile(
    r"(?:(?:anfonwyd|wedi['’]i anfon)\b"
    r"|(?:diese |dieses )?(?:(?:nachricht|e-?mail|mail) )?(?:wurde )?(?:von|gesendet|versendet|verschickt|geschickt)\b"
    r"|envoyé|provenance|ce message a été envoyé|enviado|este mensaje ha sido enviado|inviat[oa]|verstuurd|verzonden"
    r"|wysłan[eoay]|sendt|skickat|lähetetty|odesláno|отправлено|надіслано|отправлен|trimis|küldve|elküldve"
    r"|تم الإرسال|مرسل|مُرسل|أرسلت|أُرسلت|أرسل|ارسال شده|נשלח|发自|發自|從我的|从我的|寄件自|私の|나의)",
    re.IGNORECASE,
)
_ABROAD_DEVICE = re.compile(rf"(?<![^\W\d])(?:{_DEVICE})|iphon|ipad|android", re.IGNORECASE)
_DEVICE_FIRST = re.compile(
    r"(?:میرے|mein) ?(?:iphone|آئی فون|فون|موبائل).{0,20}بھیجا گیا"
    r"|(?:\w+ ?)?iphone\S* ?(?:から送信|에서 보냄|gönderildi)",
    re.IGNORECASE,
)
_GET_OUTLOOK = re.compile(
    r"(?:(?:get|holen sie sich|obtenir|télécharge[rz]|obtener|obtén|descargar|scarica|ottieni|download|pobierz|uzyskaj|obter"
    r"|obtenha|baixe|hent|skaff deg|hämta|hanki|stáhnout|скачать|получить|загрузите|cael|lawrlwytho|الحصول على|حاصل کریں)\b"
    r"(?: \w+){0,2}? )?outlook (?:\w{1,7} ){0,2}?(?:ios|android|mobile|mac)(?: (?:beziehen|downloaden|حاصل کریں))?",
    re.IGNORECASE,
)
_LINK = re.compile(r"[<(\[]*(?:https?://|www\.)[^\s<>()\[\]]*[>)\]]*", re.IGNORECASE)

_NOTICE_START = re.compile(
    r"\W*(?:this (?:e-?mail|message|communication|transmission|electronic)"
    r"|the (?:information|contents?)\b.{0,20} (?:of|in) this"
    r"|disclaimer|confidential|important|privileged|legal|notice|caution|if you (?:are not|have received)|mae|cyfrinachol"
    r"|diese|der inhalt|die information|hinweis|vertraulich|ce (?:message|courriel|mail)|cet e-?mail|les informations|avis"
    r"|este |esta |la información|aviso|il presente|la presente|questo|questa|le informazioni|avviso|dit |deze |de in"
    r"|ta wiadomość|niniejsz|treść|informacj|هذه|هذا)",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"(?:confidential|privileged)\b.{0,600}\b(?:intended (?:only |solely |recipient|for the)|addressee"
    r"|received (?:it|this)|in error|delete (?:it|this)|use of the)"
    r"|(?:intended (?:only |solely )?for|if you (?:are not|have received)).{0,600}\b(?:confidential|privileged|error|delete)\b"
    r"|yfrinachol.{0,600}(?:derbynnydd|bwriedir|bwriadwyd|gamgymeriad|dilëwch)"
    r"|vertraulich.{0,600}(?:empfänger|adressat|irrtümlich|vernichten|löschen)"
    r"|confidentiel.{0,600}(?:destinataire|erreur|détruire)|confidencial.{0,600}(?:destinatari|error|erro|elimin)"
    r"|(?:riservat|confidenzial).{0,600}(?:destinatari|errore|cancell)"
    r"|vertrouwelijk.{0,600}(?:geadresseerde|bestemd|vernietigen|abusievelijk)|poufn.{0,600}(?:adresat|odbiorc|pomyłk|usuni)"
    r"|سري.{0,600}(?:المرسل إليه|المستلم|بالخطأ|حذف)",
    re.IGNORECASE | re.DOTALL,
)
# A notice speaks for a firm. Whoever says "I" or "my" asks us for something, such as to keep it to ourselves.
_SOMEONE = re.compile(
    r"(?i:\b(?:my|me|mine|myself|ich|meine?[mnrs]?|mon|mes|yo|mio|mia|ik|mijn|mnie|mój|moja|fy)\b)|\bI\b|\bj['’]|أنا"
)
_MIN_NOTICE_LENGTH = 100
_FOOTER = re.compile(
    r"(?:this (?:e-?mail|message)|diese (?:e-?mail|nachricht)|cet? (?:e-?mail|message|courriel)|deze e-mail"
    r"|dit bericht)\b.{0,60}\b(?:checked|scanned|geprüft|vérifié|gecontroleerd|virenfrei)\b.{0,60}"
    r"(?:virus|avast|avg|mcafee|norton|malware|mimecast|messagelabs).{0,200}"
    r"|(?:virus-free|virenfrei|sans virus|libre de virus|virusvrij|garanti sans virus|wolny od wirusów)\b.{0,80}"
    r"|_{20,}\s+.{1,100}(?:mailing[ -]list|listinfo|unsubscribe).{0,300}"
    r"|(?:please )?(?:consider|think of) the environment before printing.{0,80}",
    re.IGNORECASE | re.DOTALL,
)


def end_of_words(lines: list[str], end: int) -> int:
    """Where the writer's words end within lines[:end]: before a signature, a device line or a legal notice."""
    while True:
        while end and not lines[end - 1].strip():
            end -= 1
        shorter = _before_device(lines, end)
        if shorter == end:
            shorter = _before_delimiter(lines, end)
        if shorter == end:
            shorter = _before_notice(lines, end)
        if shorter == end:
            return end
        end = shorter


def is_separator(line: str) -> bool:
    """Whether a line holds nothing but dashes, underscores or the like."""
    return _SEPARATOR.fullmatch(line) is not None


def is_device_line(line: str) -> bool:
    """Whether a mail program wrote this line about itself: "Sent from my iPhone", "Get Outlook for iOS"."""
    line = line.strip()
    if not line or len(line) > 300:
        return False
    plain = " ".join(_LINK.sub("", INVISIBLE.sub("", line)).replace("\xa0", " ").split()).strip(" <>()[]*_-.|")
    plain = plain.replace("[", "").replace("]", "").replace("<", "").replace(">", "")
    if len(plain) > 140:
        return False
    programs = _SENT_FROM.fullmatch(plain) or _GET_OUTLOOK.fullmatch(plain) or _DEVICE_FIRST.fullmatch(plain)
    abroad = len(plain) <= 90 and _SENT_FROM_ABROAD.match(plain) and _ABROAD_DEVICE.search(plain)
    return bool(programs or abroad) and not _TELLING.search(plain)


def _before_device(lines: list[str], end: int) -> int:
    return end - 1 if end and is_device_line(lines[end - 1]) else end


def _before_delimiter(lines: list[str], end: int) -> int:
    """RFC 3676 section 4.3: "-- " alone on a line opens the signature. Without its space it may be a line someone drew."""
    for start in range(end - 1, max(-1, end - _MAX_SIGNATURE_LINES), -1):
        line = lines[start].rstrip("\r\n\xa0")
        if line == "-- " or (line == "--" and _looks_like_signature(lines[start + 1 : end])):
            return start
    return end


def _looks_like_signature(lines: list[str]) -> bool:
    filled = [line.strip() for line in lines if line.strip()]
    return len(filled) <= _MAX_BARE_LINES and not any(_is_prose(line) for line in filled)


def _is_prose(line: str) -> bool:
    sentence = line[-1] in ".?!…" and len(line.split()) >= 4
    return (sentence or len(line) > 80) and not is_device_line(line)


def _before_notice(lines: list[str], end: int) -> int:
    start = end
    while start and end - start < _MAX_NOTICE_LINES and lines[start - 1].strip():
        start -= 1
    if start and lines[start - 1].strip():
        return end
    paragraph = "\n".join(lines[start:end])[:4000].strip(" \n*-=")
    notice = len(paragraph) >= _MIN_NOTICE_LENGTH and _NOTICE_START.match(paragraph) and _NOTICE.search(paragraph)
    return start if _FOOTER.fullmatch(paragraph) or (notice and not _SOMEONE.search(paragraph)) else end
