"""How mail programs announce a quotation, in every language that we claim to read."""

from __future__ import annotations

import pytest

from helpdesk.core.reply import new_text

WORDS = "Thank you, that helps.\n\nSam"
QUOTED = "> How are you today?\n> Mike"
UNMARKED = "How are you today?\n\nMike"
BETWEEN = "> How are you?\n\nBetter.\n\n> Will you call?\n\nYes."

ATTRIBUTIONS = {
    "gmail-en": "On Mon, 3 Mar 2025 at 14:05, Mike <info@example.org> wrote:",
    "gmail-en-us": "On Mon, Mar 3, 2025 at 2:05 PM Mike <info@example.org> wrote:",
    "gmail-en-wrap": "On Mon, Mar 3, 2025 at 2:05 PM Mike from the Helpdesk of the Trust\n<info@example.org> wrote:",
    "gmail-en-wrap2": "On Mon, Mar 3, 2025 at 2:05 PM Mike from the Helpdesk of the Trust <\ninfo@example.org> wrote:",
    "apple-en": "On 3 Mar 2025, at 14:05, Mike <info@example.org> wrote:",
    "thunderbird-en": "On 03/03/2025 14:05, Mike wrote:",
    "yahoo-en": "On Monday, 3 March 2025 at 14:05:32 GMT, Mike <info@example.org> wrote:",
    "proton-en": "On Monday, March 3rd, 2025 at 2:05 PM, Mike <info@example.org> wrote:",
    "outlook-mac": 'On 3/3/25, 2:05 PM, "Mike" <info@example.org> wrote:',
    "samsung": "On 3 Mar 2025 14:05, Mike <info@example.org> wrote:",
    "gmail-cy": "Ar Llun, 3 Maw 2025 am 14:05 Mike <info@example.org> ysgrifennodd:",
    "apple-cy": "Ar 3 Maw 2025, am 14:05, ysgrifennodd Mike <info@example.org>:",
    "thunderbird-cy": "Ar 03/03/2025 14:05, ysgrifennodd Mike:",
    "gmail-de": "Am Mo., 3. März 2025 um 14:05 Uhr schrieb Mike <info@example.org>:",
    "apple-de": "Am 03.03.2025 um 14:05 schrieb Mike <info@example.org>:",
    "thunderbird-de": "Am 03.03.2025 um 14:05 schrieb Mike:",
    "gmail-fr": "Le lun. 3 mars 2025 à 14:05, Mike <info@example.org> a écrit :",
    "apple-fr": "Le 3 mars 2025 à 14:05, Mike <info@example.org> a écrit :",
    "thunderbird-fr": "Le 03/03/2025 à 14:05, Mike a écrit\u00a0:",
    "gmail-es": "El lun, 3 mar 2025 a las 14:05, Mike (<info@example.org>) escribió:",
    "apple-es": "El 3 mar 2025, a las 14:05, Mike <info@example.org> escribió:",
    "gmail-it": "Il giorno lun 3 mar 2025 alle ore 14:05 Mike <info@example.org> ha scritto:",
    "apple-it": "Il giorno 3 mar 2025, alle ore 14:05, Mike <info@example.org> ha scritto:",
    "thunderbird-it": "Il 03/03/2025 14:05, Mike ha scritto:",
    "gmail-nl": "Op ma 3 mrt 2025 om 14:05 schreef Mike <info@example.org>:",
    "apple-nl": "Op 3 mrt 2025, om 14:05 heeft Mike <info@example.org> het volgende geschreven:",
    "gmail-pl": "pon., 3 mar 2025 o 14:05 Mike <info@example.org> napisał(a):",
    "apple-pl": "Wiadomość napisana przez Mike <info@example.org> w dniu 3 mar 2025, o godz. 14:05:",
    "thunderbird-pl": "W dniu 3.03.2025 o 14:05, Mike pisze:",
    "wp-pl": "Dnia 3 marca 2025 14:05 Mike <info@example.org> napisał(a):",
    "gmail-ar": "في الاثنين، 3 مارس 2025 في 2:05 م تمت كتابة ما يلي بواسطة \u202a\u200fMike\u202c\u200f "
    "\u200f<\u202ainfo@example.org\u202c\u200f>:",
    "apple-ar": "في 3 مارس 2025، الساعة 2:05 م، كتب Mike <info@example.org>:",
    "arabic-digits": "في الاثنين، ٣ مارس ٢٠٢٥ في ٢:٠٥ م تمت كتابة ما يلي بواسطة Mike <info@example.org>:",
    "gmail-ur": "بروز پیر، 3 مارچ، 2025 کو 2:05 PM پر Mike <info@example.org> نے لکھا:",
    "gmail-ur2": "On Mon, 3 مارچ 2025, 2:05 PM Mike <info@example.org> نے لکھا ہے:",
    "gmail-pt": "Em seg., 3 de mar. de 2025 às 14:05, Mike <info@example.org> escreveu:",
    "gmail-da": "Den man. 3. mar. 2025 kl. 14.05 skrev Mike <info@example.org>:",
    "gmail-no": "man. 3. mars 2025 kl. 14:05 skrev Mike <info@example.org>:",
    "gmail-sv": "Den mån 3 mars 2025 kl 14:05 skrev Mike <info@example.org>:",
    "apple-sv": "3 mars 2025 kl. 14:05 skrev Mike <info@example.org>:",
    "gmail-fi": "ma 3. maalisk. 2025 klo 14.05 Mike (<info@example.org>) kirjoitti:",
    "gmail-cs": "po 3. 3. 2025 v 14:05 odesílatel Mike <info@example.org> napsal:",
    "gmail-ru": "пн, 3 мар. 2025 г. в 14:05, Mike <info@example.org>:",
    "thunderbird-ru": "03.03.2025 14:05, Mike пишет:",
    "gmail-uk": "пн, 3 бер. 2025 р. о 14:05 Mike <info@example.org> пише:",
    "gmail-zh": "Mike <info@example.org> 于2025年3月3日周一 14:05写道：",
    "gmail-ja": "2025年3月3日(月) 14:05 Mike <info@example.org>:",
    "gmail-ko": "2025년 3월 3일 (월) 오후 2:05, Mike <info@example.org>님이 작성:",
    "gmail-ro": "În lun., 3 mar. 2025 la 14:05, Mike <info@example.org> a scris:",
    "gmail-tr": "Mike <info@example.org>, 3 Mar 2025 Pzt, 14:05 tarihinde şunu yazdı:",
    "gmail-hu": "Mike <info@example.org> ezt írta (időpont: 2025. márc. 3., H, 14:05):",
    "gmail-el": "Στις Δευ 3 Μαρ 2025 στις 2:05 μ.μ., ο χρήστης Mike <info@example.org> έγραψε:",
    "gmail-he": "\u200fבתאריך יום ב׳, 3 במרץ 2025 ב-14:05 מאת \u202aMike\u202c\u200f <\u202ainfo@example.org\u202c\u200f>:",
    "gmail-fa": "در تاریخ دوشنبه ۳ مارس ۲۰۲۵، ۱۴:۰۵ Mike <info@example.org> نوشت:",
}

HEADER_BLOCKS = {
    "en": "From: Mike <info@example.org>\nSent: Monday, March 3, 2025 2:05 PM\nTo: Sam <s@example.org>\nSubject: Your message",
    "en-bold": "*From:* Mike <info@example.org>\n*Sent:* 03 March 2025 14:05\n*To:* Sam\n*Subject:* Re: Your message",
    "en-nosubj": "From: Mike <info@example.org>\nDate: Monday, 3 March 2025 at 14:05\nTo: Sam <sam@example.org>",
    "cy": "Oddi wrth: Mike <info@example.org>\nAnfonwyd: 03 Mawrth 2025 14:05\nAt: Sam <sam@example.org>\nPwnc: Eich neges",
    "de": "Von: Mike <info@example.org>\nGesendet: Montag, 3. März 2025 14:05\nAn: Sam\nBetreff: Ihre Nachricht",
    "de2": 'Gesendet: 3. März 2025 um 14:05 Uhr\nVon: "Mike" <info@example.org>\nAn: sam@example.org\nBetreff: Re: Brief',
    "fr": "De : Mike <info@example.org>\nEnvoyé : lundi 3 mars 2025 14:05\nÀ : Sam\nObjet : Votre message",
    "es": "De: Mike <info@example.org>\nEnviado el: lunes, 3 de marzo de 2025 14:05\nPara: Sam\nAsunto: Su mensaje",
    "it": "Da: Mike <info@example.org>\nInviato: lunedì 3 marzo 2025 14:05\nA: Sam\nOggetto: Il suo messaggio",
    "nl": "Van: Mike <info@example.org>\nVerzonden: maandag 3 maart 2025 14:05\nAan: Sam\nOnderwerp: Uw bericht",
    "pl": "Od: Mike <info@example.org>\nWysłano: poniedziałek, 3 marca 2025 14:05\nDo: Sam\nTemat: Wiadomość",
    "ar": "من: Mike <info@example.org>\nتم الإرسال: الاثنين، 3 مارس 2025 14:05\nإلى: Sam\nالموضوع: رسالتك",
    "ur": "منجانب: Mike <info@example.org>\nبھیجا گیا: پیر، 3 مارچ 2025 14:05\nبنام: Sam\nموضوع: آپ کا پیغام",
    "pt": "De: Mike <info@example.org>\nEnviada em: 3 de março de 2025 14:05\nPara: Sam\nAssunto: A sua mensagem",
    "da": "Fra: Mike <info@example.org>\nSendt: 3. marts 2025 14:05\nTil: Sam\nEmne: Din besked",
    "sv": "Från: Mike <info@example.org>\nSkickat: den 3 mars 2025 14:05\nTill: Sam\nÄmne: Ditt meddelande",
    "fi": "Lähettäjä: Mike <info@example.org>\nLähetetty: 3. maaliskuuta 2025 14:05\nVastaanottaja: Sam\nAihe: Viestisi",
    "cs": "Od: Mike <info@example.org>\nOdesláno: pondělí 3. března 2025 14:05\nKomu: Sam\nPředmět: Zpráva",
    "ru": "От: Mike <info@example.org>\nОтправлено: 3 марта 2025 г. 14:05\nКому: Sam\nТема: Сообщение",
    "zh": "发件人: Mike <info@example.org>\n发送时间: 2025年3月3日 14:05\n收件人: Sam\n主题: 您的来信",
    "zh-full": "发件人： Mike <info@example.org>\n发送时间： 2025年3月3日 14:05\n收件人： Sam\n主题： 您的来信",
    "ja": "差出人: Mike <info@example.org>\n送信日時: 2025年3月3日 14:05\n宛先: Sam\n件名: メッセージ",
    "ko": "보낸 사람: Mike <info@example.org>\n보낸 날짜: 2025년 3월 3일 14:05\n받는 사람: Sam\n제목: 메시지",
    "paragraphs": "From: Mike <info@example.org>\n\nSent: 3 March 2025 14:05\n\nTo: Sam\n\nSubject: Your message",
    "manyto": "From: Mike <info@example.org>\nTo: a@example.org,\n  c@example.org,\n d@example.org,\n e@example.org,\n "
    "f@example.org\nDate: 3 March 2025\nSubject: x",
}

MARKERS = """
-----Original Message-----
----- Original Message -----
---------- Forwarded message ---------
-------- Original message --------
-----Neges Wreiddiol-----
-----Ursprüngliche Nachricht-----
-------- Weitergeleitete Nachricht --------
-----Message d'origine-----
-----Message d’origine-----
---------- Message transféré ----------
-----Mensaje original-----
---------- Mensaje reenviado ---------
-----Messaggio originale-----
-------- Messaggio Inoltrato --------
-----Oorspronkelijk bericht-----
---------- Doorgestuurd bericht ----------
-----Wiadomość oryginalna-----
---------- Forwarded message ----------
-----الرسالة الأصلية-----
-----اصل پیغام-----
-------- Исходное сообщение --------
---------- 转发的邮件 ----------
*-------- Original Message --------*
""".strip().splitlines()

FORWARDED = """
Begin forwarded message:
Dechrau neges wedi'i hanfon ymlaen:
Anfang der weitergeleiteten Nachricht:
Début du message réexpédié :
Inicio del mensaje reenviado:
Inizio messaggio inoltrato:
Begin doorgestuurd bericht:
Początek przekazywanej wiadomości:
بدء الرسالة المعاد توجيهها:
""".strip().splitlines()

DEVICE_LINES = """
Sent from my iPhone
Sent from my iPad
Sent from my Galaxy
Sent from my Samsung Galaxy smartphone.
Sent from Outlook for Android
Sent from Outlook for iOS<https://aka.ms/o0ukef>
Get Outlook for iOS
Get Outlook for Android<https://aka.ms/AAb9ysg>
Get Outlook for Android <https://aka.ms/AAb9ysg>
Sent from Yahoo Mail for iPhone
Sent from Yahoo Mail on Android
Sent from Yahoo Mail. Get the app
Sent from Mail for Windows 10
Sent from Mail for Windows
Sent with Proton Mail secure email.
Sent with [Proton Mail](https://proton.me/mail/home) secure email.
Sent from Proton Mail for iOS
Sent from my Huawei Mobile
Sent from my mobile, please excuse typos.
Sent via BlackBerry
Anfonwyd o fy iPhone
Wedi'i anfon o fy iPhone
Von meinem iPhone gesendet
Gesendet von meinem iPhone
Gesendet mit der GMX Mail App
Gesendet von Outlook für iOS
Holen Sie sich Outlook für Android
Outlook für iOS beziehen
Von Samsung-Tablet gesendet
Envoyé de mon iPhone
Envoyé depuis mon téléphone
Envoyé à partir de Outlook pour Android
Télécharger Outlook pour iOS
Obtenir Outlook pour iOS
Provenance : Courrier pour Windows
Enviado desde mi iPhone
Obtener Outlook para Android
Inviato da iPhone
Inviato dal mio iPad
Scarica Outlook per iOS
Verstuurd vanaf mijn iPhone
Verzonden vanuit Outlook voor Android
Download Outlook voor iOS
Wysłane z iPhone'a
Wysłane z telefonu Samsung Galaxy.
Pobierz aplikację Outlook dla systemu Android
Uzyskaj Outlook dla iOS
Enviado do meu iPhone
Sendt fra min iPhone
Skickat från min iPhone
Lähetetty iPhonesta
Odesláno z iPhonu
Отправлено с iPhone
发自我的 iPhone
發自我的 iPhone
iPhoneから送信
私のiPhoneから送信
나의 iPhone에서 보냄
أرسلت من الـ iPhone
مُرسل من الـ iPhone
تم الإرسال من هاتف Samsung
میرے iPhone سے بھیجا گیا
iPhone'umdan gönderildi
נשלח מה-iPhone שלי
ارسال شده از iPhone
*Sent from my iPhone*
(Sent from my phone)
""".strip().splitlines()

OWN_WORDS = """
Sent from my mum's phone
Sent from my friends phone
Sent from my work phone
Sent from my sister’s iPad because he took mine
I sent this from my phone because he reads my laptop
Please call my mobile
He found my phone
Get me out of here
Von meinem Bruder habe ich nichts gehört
Can you get outlook on android to delete mails
from my phone he saw everything
My phone: 07700 900123
He read my email on my iPad.
Do not reply to this phone
This email is confidential please
-- please help --
Thanks and I wanted to ask if you can call me tomorrow. He leaves at nine.
He wrote:
Then she wrote:
On Monday he wrote:
""".strip().splitlines()


@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
class TestAttribution:
    def test_quote_below_the_words_is_folded(self, attribution: str) -> None:
        assert new_text(f"{WORDS}\n\n{attribution}\n{QUOTED}\n", "") == WORDS

    def test_unmarked_history_is_folded_only_behind_an_address(self, attribution: str) -> None:
        text = f"{WORDS}\n\n{attribution}\n\n{UNMARKED}"
        assert new_text(text, "") == (WORDS if "@" in attribution else text)

    def test_quote_above_the_words_is_folded(self, attribution: str) -> None:
        assert new_text(f"{attribution}\n{QUOTED}\n\n{WORDS}\n", "") == WORDS

    def test_answers_between_quotes_keep_them(self, attribution: str) -> None:
        assert new_text(f"{attribution}\n{BETWEEN}\n", "") == BETWEEN


@pytest.mark.parametrize("block", HEADER_BLOCKS.values(), ids=HEADER_BLOCKS)
class TestHeaderBlock:
    @pytest.mark.parametrize("rule", ["", "_" * 32 + "\n", "-----Original Message-----\n"], ids=["bare", "rule", "marker"])
    def test_what_follows_is_history(self, block: str, rule: str) -> None:
        assert new_text(f"{WORDS}\n\n{rule}{block}\n\n{UNMARKED}", "") == WORDS

    def test_mail_that_only_passes_another_on_stays_whole(self, block: str) -> None:
        assert new_text(f"{block}\n\n{UNMARKED}", "") == f"{block}\n\n{UNMARKED}"


@pytest.mark.parametrize("marker", MARKERS)
def test_what_follows_a_marker_is_history(marker: str) -> None:
    assert new_text(f"{WORDS}\n\n{marker}\n\n{UNMARKED}", "") == WORDS


@pytest.mark.parametrize("quoting", ["", "> "], ids=["plain", "quoted"])
@pytest.mark.parametrize("marker", FORWARDED)
def test_forwarded_mail_of_apple_is_history(marker: str, quoting: str) -> None:
    lines = ["From: Kim", "Subject: Garden day", "Date: 3 March 2025", "", "Hello"]
    forwarded = "\n".join(quoting + line for line in lines)
    assert new_text(f"{WORDS}\n\n{marker}\n\n{forwarded}\n", "") == WORDS


def test_marker_wording_in_a_sentence_is_no_marker() -> None:
    text = "Here is the\nOriginal message\nthat I mean.\n\nBegin forwarded message:\nthese words puzzled me."
    assert new_text(text, "") == text


@pytest.mark.parametrize("line", DEVICE_LINES)
def test_line_about_the_device_is_no_word_of_the_writer(line: str) -> None:
    assert new_text(f"{WORDS}\n\n{line}\n", "") == WORDS
    assert new_text(f"{WORDS}\n\n{line}\n\nOn 3 Mar 2025, at 14:05, Mike wrote:\n\n{QUOTED}\n", "") == WORDS


@pytest.mark.parametrize("line", OWN_WORDS)
def test_last_line_of_the_writer_is_kept(line: str) -> None:
    assert new_text(f"{WORDS}\n\n{line}\n", "") == f"{WORDS}\n\n{line}"
