"""What language a mail is in: each of those that people in Britain write to us in, and English whenever that is not sure."""

from __future__ import annotations

import unicodedata

import pytest

from helpdesk.core.language import DEFAULT, NAMES, language_of
from helpdesk.core.language.letters import TELLING_LETTERS
from helpdesk.core.language.scripts import MARKS, SCRIPTS
from helpdesk.core.language.words import SMALL_WORDS
from helpdesk.core.parse import parse

SENTENCES = {
    "cy": """
        Helo, mae angen help arnaf
        Bore da, hoffwn siarad â rhywun am fy mrawd. Dydw i ddim yn gwybod beth i'w wneud.
        A allwch chi fy ffonio os gwelwch yn dda?
        Dwi'n teimlo'n unig iawn, oes rhywun yna?
        Shwmae, sai'n gwbod beth i neud am fy chwaer, mae hi gyda nhw drwy'r amser
    """,
    "de": """
        Hallo, ich brauche Hilfe
        Mein Sohn hat sich seit dem Sommer völlig verändert und ich mache mir Sorgen.
        ich will da raus aber hab angst was die anderen sagen
        Ist da jemand?
    """,
    "fr": """
        Bonjour, j'ai besoin d'aide
        Mon fils a complètement changé depuis l'été et je m'inquiète pour lui.
        je veux partir mais j ai peur de ce que les autres vont dire
    """,
    "es": """
        Hola, necesito ayuda
        Mi hijo ha cambiado por completo desde el verano y estoy preocupada por él.
        quiero salir pero tengo miedo de lo que van a decir mis amigos
    """,
    "it": """
        Ciao, ho bisogno di aiuto
        Mio figlio è completamente cambiato dall'estate e sono preoccupata per lui.
        voglio uscirne ma ho paura di quello che diranno gli altri
    """,
    "nl": """
        Hallo, ik heb hulp nodig
        Mijn zoon is sinds de zomer helemaal veranderd en ik maak me zorgen.
        Kunt u mij alstublieft bellen?
    """,
    "pl": """
        Dzień dobry, potrzebuję pomocy
        Mój syn całkiem się zmienił od lata i martwię się o niego.
        chce odejsc ale boje sie co powiedza inni
        Czy ktoś tam jest?
    """,
    "pt": """
        Olá, preciso de ajuda
        O meu filho mudou completamente desde o verão e estou preocupada com ele.
        Muito obrigada pela vossa resposta. Volto a escrever na próxima semana.
    """,
    "tr": """
        Merhaba, yardıma ihtiyacım var
        İyi günler, kardeşim hakkında biriyle konuşmak istiyorum. Ne yapacağımı bilmiyorum.
        ayrılmak istiyorum ama digerlerinin ne diyeceginden korkuyorum
    """,
    "ro": """
        Bună ziua, am nevoie de ajutor
        Fiul meu s-a schimbat complet din vară și sunt îngrijorată pentru el.
        vreau sa plec dar mi-e frica de ce vor spune ceilalti
    """,
    "so": """
        Salaan, waxaan u baahanahay caawimaad
        Fadlan ma i soo wici kartaan?
        waxaan rabaa inaan ka baxo laakiin waan baqayaa
    """,
    "sq": "Përshëndetje, kam nevojë për ndihmë. Nuk di çfarë të bëj për vëllain tim.",
    "hu": "Jó napot, segítségre van szükségem. Nem tudom, hogy mit tegyek a testvéremmel.",
    "lt": "Laba diena, man reikia pagalbos. Nežinau, ką daryti dėl savo brolio.",
    "yo": "Ẹ káàárọ̀, mo nílò ìrànlọ́wọ́. Èmi kò mọ ohun tí mo lè ṣe fún àbúrò mi.",
    "ru": """
        Здравствуйте, мне нужна помощь
        Большое спасибо за ваш ответ. Напишу снова на следующей неделе.
        хочу уйти но боюсь что скажут другие
    """,
    "uk": """
        Добрий день, мені потрібна допомога
        Мій син зовсім змінився з літа, і я за нього хвилююся.
    """,
    "bg": "Здравейте, имам нужда от помощ. Не знам какво да правя с брат си, той се промени много.",
    "ar": """
        مرحبا، أحتاج إلى مساعدة
        لقد تغير ابني كثيرا منذ الصيف وأنا قلقة عليه.
        اريد ان اخرج من هذا لكن انا خائف من كلام الناس
    """,
    "ur": """
        السلام علیکم، مجھے مدد چاہیے
        میرا بیٹا گرمیوں سے بالکل بدل گیا ہے اور میں اس کے لیے پریشان ہوں۔
    """,
    "fa": """
        سلام، من به کمک نیاز دارم
        پسرم از تابستان خیلی عوض شده است و نگران او هستم.
    """,
    "ps": """
        سلام، زه مرستې ته اړتیا لرم
        زما زوی له اوړي راهیسې ډېر بدل شوی دی او زه ورته اندېښمنه یم.
    """,
    "pa": "ਸਤ ਸ੍ਰੀ ਅਕਾਲ, ਮੈਨੂੰ ਮਦਦ ਚਾਹੀਦੀ ਹੈ",
    "bn": "আমি আমার ভাইয়ের ব্যাপারে কারও সাথে কথা বলতে চাই।",
    "hi": "नमस्ते, मुझे मदद चाहिए",
    "ne": "नमस्ते, मलाई मद्दत चाहिएको छ र म मेरो भाइको बारेमा कुरा गर्न चाहन्छु।",
    "gu": "હું મારા ભાઈ વિશે કોઈની સાથે વાત કરવા માંગુ છું.",
    "ta": "வணக்கம், எனக்கு உதவி தேவை",
    "ti": "ሰላም፡ ኣነ ሓገዝ የድልየኒ ኣሎ። ንሓወይ ኣብ ምንታይ ከምዘሎ ኣይፈልጥን።",
    "am": "ሰላም፣ እኔ እርዳታ እፈልጋለሁ። ስለ ወንድሜ አንድ ሰው ማናገር እፈልጋለሁ።",
    "zh": """
        你好，我需要帮助
        您好，我想和別人談談我弟弟的事，我很擔心他。
    """,
    "ja": "こんにちは。兄のことで誰かと話したいです。どうすればいいか分かりません。",
    "ko": "안녕하세요, 도움이 필요합니다. 형에 대해 이야기하고 싶어요.",
}
WRITTEN = [(language, line.strip()) for language, lines in SENTENCES.items() for line in lines.strip().splitlines()]

ENGLISH = """
    hi
    Help
    Help me please
    hello
    Hiya
    Hi Mike
    I need help
    need to talk
    Is anyone there?
    call me pls 07700 900123
    idk wot 2 do anymore
    im so done with all of this lads
    wanna leave but dunno how
    Can sum1 ring me plz
    plz dont tell my mam
    Me and our kid wanna get out
    aye I'm no sure whit tae dae ken
    Ma wee laddie's no been hame, I dinnae ken whit tae dae
    Yes
    No
    ok
    thx
    Me too
    Cheers Dave
    Urgent - please ring
    My son, 15, Leeds
    Sent from my iPhone
    Rowan Ashdown
    Siân Price
    Mohammed Ali Khan
    María José García López
    Agnieszka Kowalska
    Peter van de Velde
    Juan de la Cruz
    محمد
    Do you do school visits in Kent? Regards, Ms de Vries
    My husband Tomasz Wiśniewski goes to meetings in Kraków and I am worried
    The group is called Die Rechte and he reads it all day
    Salaam alaikum, I need to talk to someone about my brother
    Bonjour! I am writing to you from Cardiff, can we talk?
    Diolch, I will write to you again next week
    Bore da, I hope that you are well. I am writing about my son.
    We met at a café and he seemed naïve, then he showed me his fiancée's résumé.
    https://www.example.org/page?id=12&lang=pl
    see https://www.example.org/fr/accueil/bienvenue-chez-nous-et-merci thanks
    sie.und.ich@example.org
    123456
    ???
    ...
    a b c d
    👍
    🙏🙏🙏
    α β γ
    EHT-1042
    Re: Your message
    Test message
"""
UNSURE = {
    "nothing": "",
    "white space": " \n\t \n",
    "only a quotation": "> Guten Tag, ich möchte über meinen Bruder sprechen.\n> Ich weiß nicht, was ich tun soll.\n",
    "half and half": "I don't know what to do about my brother. Ich weiß nicht, was ich mit meinem Bruder tun soll.",
    "a verse in a letter": "My gran used to sing me this one in the car when we drove to her: dors bien, mon petit ange. It is "
    "still all that I remember of her, and I would like to talk to someone about that time.",
    "Arabic letters that could be of several": "سلام دوست",
    "Cyrillic letters that could be of several": "Алло, тата дома",
    "Devanagari letters that could be of several": "ॐॐॐॐॐॐॐॐ",
    "letters of a script that we don't know": "ᚠᚢᚦᚨᚱᚲᚷᚹᚺᚾᛁᛃ",
    "one Chinese letter": "好",
    "two Latin languages that are alike": "jeg er her",
}


@pytest.mark.parametrize(("language", "text"), WRITTEN, ids=[f"{each[0]}-{i}" for i, each in enumerate(WRITTEN)])
def test_each_language_is_told_from_a_sentence_or_two(language: str, text: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("text", [line.strip() for line in ENGLISH.strip().splitlines()])
def test_english_names_and_symbols_are_never_called_another_language(text: str) -> None:
    assert language_of(text) == "en"


@pytest.mark.parametrize("text", UNSURE.values(), ids=UNSURE.keys())
def test_unsure_means_the_default(text: str) -> None:
    assert language_of(text) == DEFAULT == "en"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "cy",
            "Diolch am eich neges. Rydw i eisiau siarad â rhywun.\n> Thank you for writing. A person will read your message.\n",
        ),
        ("pl", "Proszę zobaczyć https://www.example.org/what-you-can-do-to-help i napisać do mnie, sam@example.org, dziękuję"),
        ("de", "Hi Mike, ich habe deine Nachricht bekommen und möchte gern mit dir reden. Thanks, Sam"),
        ("ur", "Hello, میرا نام سارہ ہے اور مجھے اپنے بھائی کے لیے مدد چاہیے۔ Thanks"),
        ("fr", unicodedata.normalize("NFD", "Mon frère a été très changé, et je m'inquiète beaucoup pour lui.")),
        ("es", "Necesito hablar con alguien. " * 30 + "I know that you speak English, so here is all of it once more. " * 200),
    ],
    ids=["quoted-english", "addresses", "greeting-and-thanks", "latin-names", "decomposed-letters", "the-beginning-counts"],
)
def test_what_the_writer_mostly_wrote_counts(language: str, text: str) -> None:
    assert language_of(text) == language


def test_a_mail_carries_the_language_of_its_new_words_not_of_what_it_quotes() -> None:
    body = (
        "Diolch yn fawr. Hoffwn siarad â rhywun am fy mrawd.\n\n"
        "On Mon, 2 Nov 2026 at 10:00, Mike <info@example.com> wrote:\n> Thank you for writing. A person will read it.\n"
    )
    head = "From: Sam <sam@example.org>\nContent-Type: text/plain; charset=utf-8\n\n"
    assert parse((head + body).encode()).language == "cy"


def test_every_language_that_can_be_told_has_a_name_for_staff() -> None:
    by_words = {language for spoken in SMALL_WORDS.values() for language in spoken}
    by_letters = {language for spoken in TELLING_LETTERS.values() for language in spoken}
    shared = set(MARKS)
    by_script = {script for script in SCRIPTS if script not in shared} - {"kana", "han"} | {"zh", "ja"}
    in_shared = {language for languages in MARKS.values() for language in languages}
    assert by_words | by_letters | by_script | in_shared <= set(NAMES)
    assert by_letters <= by_words
