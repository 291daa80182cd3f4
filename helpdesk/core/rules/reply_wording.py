"""How automatic answers name themselves, in many languages: tables of wording, without a decision."""

from __future__ import annotations

import re

from helpdesk.core.rules.wording import phrases

# What responders put before the subject that they answer, where a person's mail program puts "Re:".
_TITLES = phrases("""
[en] automatic reply | auto reply | auto-reply | autoreply | automatic response | auto response | auto-response | autoresponse
[en] auto responder | autoresponder | automated reply | automated response | automatic e-mail reply | out of office autoreply
[en] out of office | out of the office | out-of-office | vacation reply | vacation message | away from the office
[cy] ateb awtomatig | atebiad awtomatig | ymateb awtomatig | neges awtomatig | allan o'r swyddfa
[de] automatische antwort | automatische rückantwort | automatische rückmeldung | automatische mitteilung | autom. antwort
[de] automatische abwesenheitsnotiz | abwesenheitsnotiz | abwesenheitsnachricht | abwesenheitsmeldung | abwesenheitsmitteilung
[de] abwesenheitsassistent | abwesenheitsagent | abwesenheitsbenachrichtigung | nicht im büro | außer haus | ausser haus
[fr] réponse automatique | reponse automatique | réponse d'absence | message d'absence | avis d'absence
[fr] notification d'absence
[fr] absence du bureau | absent du bureau | absente du bureau | hors du bureau
[es] respuesta automática | respuesta automatica | contestación automática | fuera de la oficina | fuera de oficina
[es] ausente de la oficina | mensaje de ausencia
[ca] resposta automàtica | fora de l'oficina
[it] risposta automatica | risponditore automatico | fuori sede | fuori ufficio | assenza dall'ufficio
[nl] automatisch antwoord | automatische beantwoording | automatische reactie | afwezigheidsbericht | afwezigheidsmelding
[nl] niet op kantoor | buiten kantoor
[pl] odpowiedź automatyczna | automatyczna odpowiedź | autoodpowiedź | autoresponder | poza biurem | nieobecność w biurze
[pt] resposta automática | resposta automatica | fora do escritório | ausente do escritório | ausência do escritório
[da] automatisk svar | automatisk besked | autosvar | ikke på kontoret | fraværsbesked | ikke til stede
[no] automatisk svar | autosvar | fraværsmelding | borte fra kontoret
[sv] automatiskt svar | autosvar | autosvarsmeddelande | frånvaromeddelande | ej på kontoret
[fi] automaattinen vastaus | poissaoloviesti | poissa toimistosta
[is] sjálfvirkt svar
[cs] automatická odpověď | mimo kancelář
[sk] automatická odpoveď
[sl] samodejni odgovor | odsoten
[hr] automatski odgovor
[hu] automatikus válasz | házon kívül | irodán kívül
[ro] răspuns automat
[bg] автоматичен отговор
[el] αυτόματη απάντηση | εκτός γραφείου
[lv] automātiska atbilde
[lt] automatinis atsakymas
[et] automaatvastus | automaatne vastus
[ru] автоответ | автоматический ответ | нет на рабочем месте | отсутствие на рабочем месте | вне офиса
[uk] автоматична відповідь
[tr] otomatik yanıt | otomatik cevap | ofis dışında
[ar] رد تلقائي | الرد التلقائي | رد آلي | خارج المكتب
[he] תשובה אוטומטית | מענה אוטומטי
[fa] پاسخ خودکار
[ur] خودکار جواب
[ja] 自動応答 | 自動返信 | 不在通知 | 不在のお知らせ
[zh] 自动回复 | 自动答复 | 自動回覆 | 自動回复
[ko] 자동 회신 | 자동회신 | 부재중
""")
# Words that people begin a subject with, too; only as a label before a colon are they a sign.
_WORDS = phrases("""
[en] auto | ooo | vacation | on vacation | on holiday | on leave | annual leave | i am away | away
[cy] ar wyliau
[de] abwesenheit | abwesend
[fr] absence | absent
[it] assenza
[nl] afwezig | afwezigheid
[pl] nieobecność
[pt] ausência temporária
[no] fravær
[sv] frånvaro | frånvarande
[fi] poissa
[cs] nepřítomnost
[zh] 外出
""")


def _pattern(titles: tuple[str, ...], end: str) -> re.Pattern[str]:
    alternatives = "|".join(re.escape(title) for title in sorted(titles, key=len, reverse=True))
    return re.compile(rf"\W{{0,4}}(?:{alternatives}){end}")


# "Automatic reply: …", "[Automatyczna odpowiedź] …", "Auto-Reply from Sam: …"
LABEL = _pattern(_TITLES, r"(?!\w)(?: [^:]{1,40})? ?[:：\])]")
WORD_LABEL = _pattern(_WORDS, r"(?!\w) ?[:：\])]")
TITLE = _pattern(_TITLES, r"(?!\w)")

# A responder that says of itself what it is. "Do not reply to this address" is no such word: people write it whose mail
# somebody else reads.
_DECLARATIONS = phrases("""
[en] this is an automat | this is an auto | this message was automat | this message was generated automat
[en] this message is automat
[en] this email was automat | this email is automat | this e-mail was automat | this e-mail is automat
[en] this message has been automat
[en] this email has been automat | this mail was automat | this reply was automat | this reply is automat
[en] this response was automat
[en] i am an autoresponder
[en] note: this is an auto | this is the only notification you will receive | automatic reply | automated reply
[en] automatic response
[cy] neges awtomatig yw hon | ateb awtomatig yw hwn | ymateb awtomatig yw hwn | mae hon yn neges awtomatig
[cy] mae hwn yn ateb awtomatig
[cy] mae hwn yn ymateb awtomatig
[de] dies ist eine automat | diese e-mail wurde automat | diese nachricht wurde automat | diese mail wurde automat
[de] diese antwort wurde automat
[de] automatische antwort | dies ist eine autom
[fr] ceci est une réponse automatique | ceci est un message automatique | ce message a été généré automat
[fr] ce message est automat
[fr] ce mail est un message automat | réponse automatique | ce courriel est automat
[es] esta es una respuesta automática | este es un mensaje automático | este mensaje ha sido generado automát
[es] respuesta automática
[it] questa è una risposta automatica | questo è un messaggio automatico | questo messaggio è stato generato automat
[it] risposta automatica
[nl] dit is een automat | dit bericht is automat | deze e-mail is automat | automatisch antwoord
[pl] to jest automatyczna | to jest wiadomość automatyczna | wiadomość wygenerowana automat
[pl] ta wiadomość została wygenerowana automat
[pl] automatyczna odpowiedź
[pt] esta é uma resposta automática | esta é uma mensagem automática | esta mensagem foi gerada automat
[da] dette er et automatisk | dette er en automatisk | automatisk svar
[sv] detta är ett automatiskt | det här är ett automatiskt | automatiskt svar
[fi] tämä on automaattinen | automaattinen vastaus
[cs] toto je automatick | tato zpráva byla vygenerována automat
[hu] ez egy automatikus | ez automatikus
[ru] это автоматическ | данное сообщение сгенерировано автомат | это письмо сгенерировано автомат | автоматический ответ
[tr] bu otomatik | bu bir otomatik | bu e-posta otomatik | otomatik yanıt
[ar] هذا رد تلقائي | هذه رسالة تلقائية | هذا رد آلي | رد تلقائي
[ur] یہ ایک خودکار
[ja] このメールは自動 | 本メールは自動 | これは自動 | 自動返信
[zh] 这是一封自动 | 此邮件由系统自动 | 这是自动 | 自动回复 | 這是自動
[ko] 이 메일은 자동 | 자동 회신
""")
# Only at the start of a line or a sentence: "I know this is an automatic reply, but …" is a person.
DECLARATION_WORDS = tuple(_DECLARATIONS)
DECLARATION = re.compile(rf"(?:^|[.!:;*(>–-] ?)[\[*_\"'« ]{{0,4}}(?:{'|'.join(map(re.escape, _DECLARATIONS))})", re.MULTILINE)
# Somebody is away …
ABSENCES = phrases("""
[en] out of the office | out of office | out-of-office | away from the office | away from my desk | away from my email
[en] i am currently away | i am away | i'm away | i will be away | i'm currently away | not in the office | on annual leave
[en] on leave | on holiday | on vacation | on maternity leave | on parental leave | i am currently on | currently unavailable
[cy] allan o'r swyddfa | ar wyliau | ar fy ngwyliau | ddim yn y swyddfa | i ffwrdd o'r swyddfa | ar absenoldeb
[de] nicht im büro | nicht im hause | nicht im haus | außer haus | ausser haus | nicht erreichbar | im urlaub | abwesend
[de] nicht am arbeitsplatz | in elternzeit
[fr] absent du bureau | absente du bureau | je suis absent | je suis actuellement absent | en congé | en vacances
[fr] je serai absent
[es] fuera de la oficina | fuera de oficina | estoy ausente | estaré ausente | de vacaciones | me encuentro ausente
[it] fuori ufficio | fuori sede | sono assente | sarò assente | in ferie | assente dall'ufficio
[nl] afwezig | niet op kantoor | niet aanwezig | met vakantie | op vakantie
[pl] poza biurem | nieobecn | na urlopie
[pt] fora do escritório | estou ausente | estarei ausente | de férias
[da] ikke på kontoret | ikke til stede | på ferie | holder ferie
[no] har ferie | tar ferie | er på ferie
[sv] inte på kontoret | på semester | har semester | är ledig
[fi] lomalla | poissa toimistosta | olen poissa
[cs] mimo kancelář | na dovolené | nepřítom
[hu] házon kívül | szabadságon | irodán kívül
[ro] în concediu
[ru] отсутствую | в отпуске | вне офиса | нет на рабочем месте
[uk] у відпустці
[tr] ofis dışında | izindeyim | izinde olacağım | tatildeyim
[ar] خارج المكتب | في إجازة
[ur] دفتر سے باہر | چھٹی پر
[ja] 不在にして | 不在です | 休暇 | 外出
[zh] 休假 | 不在办公室 | 不在辦公室 | 出差 | 外出
[ko] 부재중 | 휴가
""")
# … until when, and whom to ask meanwhile.
RETURNS = phrases("""
[en] until | return | will be back | i am back | back in the office | back on | limited access to | no access to
[en] not have access
[en] in my absence | please contact
[cy] tan ddydd | yn ôl | dychwelyd | cysylltwch
[de] bis zum | bis einschließlich | zurück | vertretung | wenden sie sich | ab dem
[fr] jusqu'au | de retour | mon retour | veuillez contacter
[es] hasta el | regres | mi vuelta | póngase en contacto
[it] fino al | rientro | ritorno | contattare
[nl] tot en met | terug | contact opnemen
[pl] do dnia | powrocie | wracam | kontakt z
[pt] até | retorno | contacte | contate
[da] til og med | tilbage
[sv] till och med | tillbaka | åter
[fi] asti | saakka | palaan
[cs] vrátím | návrat
[hu] visszat | -ig
[ru] до | вернусь | возвращ
[tr] kadar | döneceğim | dönüş
[ar] حتى | عودتي
[ur] تک | واپس
[ja] まで | 戻り
[zh] 至 | 返回 | 回来
[ko] 까지
""")
