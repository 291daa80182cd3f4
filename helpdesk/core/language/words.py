"""The small words of each language written in Latin letters, by which `detect` tells them apart.

Only words: articles, pronouns, prepositions, forms of be and have, and what people write first (hello, please, help).
Names of people and places do not belong here, nor do words that English mail holds, such as "restaurant".
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

# English needs many: what it covers is never taken for another language.
_ENGLISH = """
a about add after again ago all already also always am an and another any anybody anyone anything are around as ask at away
aye bad be because been before being best better bit both boy bring brother but by bye call came can cant car care child
come cos could d dad dads dae day days dear did didnt die do does doesnt doing don done dont down dunno each else email end
even ever every fam family far feel few find first for forget forgot form found friend friends from gave get gets getting
girl give go goes going gone good got great group had hame happened hard has hat have havent having he hear help her here
hers hey hi him his hiya home hope how i if ill im in into is isnt it its ive job just keep ken kid kids kind know lad
laddie lads last least leave left let life like ll lol long look lost lot love m made make man many mate may maybe me meet
men mind more most much mum mums must my myself name need needs never new next nice night no nobody not nothing now number
of off office oh ok okay old on once one only or other our out over own page pal part people person phone place please pls
plz point put questions re real really regards reply right ring s said same saw say says school see send sent she should
since sister so some somebody someone something son soon sorry speak still such sum sure t ta tae take talk teacher tell
text than thank thanks that thats the their them then there these they thing things think this those thought thx time to
today told tomorrow too took town tried try turn two u under until up ur urgent us use used ve very visit wait wan wanna
want wants war was way we wee week well went were what whats when where which while whit who why wife will wish with without
woman wont word work worried would write writing wrote ya year years yes yet yo you your yours
"""

_OTHERS: Mapping[str, str] = {
    "cy": """
    mae mai yn yr ac am ar at i o y a n r w wedi gan gyda fy fi ti chi chwi ni nhw hi fe ef dy ei eich ein eu hwn hon hyn yw
    ydw ydy ydi ydych ydyn oes oedd roedd rwy rwyf rydw rydym dw dwi dydw dydy nid ddim dim ond os neu nad na bod fod sydd
    beth pwy pam sut ble pan eto iawn wneud gwneud neud cael mynd dod eisiau isio angen gallu allwch gallwch allai hoffwn
    siarad rhywun helo shwmae diolch fawr bore da prynhawn noswaith annwyl cofion gwelwch byddaf bydd byddai fydd teimlo
    gwybod gwbod ers cyn hefyd mawr mab merch brawd chwaer sai cymorth plis arna arnaf amdano unrhyw pobl fel drwy ond ond
    rhaid bob heb dan wrth mewn hynny nawr
    """,
    "de": """
    ich du er sie es wir ihr mich mir dich dir ihn ihm uns euch ihnen mein meine meinen meinem meiner dein deine sein seine
    seinen ihre ihren unser der die das den dem des ein eine einen einem einer kein keine und oder aber nicht ist sind bin
    bist war waren wird werden wurde habe hab haben hat hatte kann können könnte möchte muss will soll mit von zu zum zur
    auf aus bei nach für über unter vor wie was wer wo wann warum dass daß weil wenn auch nur noch schon sehr so da hier
    dort jetzt immer etwas jemand jemandem niemand bitte danke hallo guten hilfe brauche im am an als um sich gibt nichts
    vielen dank liebe grüße heute ihm durch seit mehr diese dieser dieses
    """,
    "fr": """
    je tu il elle nous vous ils elles on me te se mon ma mes ton ta tes son sa ses notre votre vos leur leurs le la les un
    une des du de et ou mais ne pas plus est sont suis êtes être été était ai avons avez ont avoir avait à au aux en dans
    sur avec pour par sans chez ce cet cette ces qui que quoi dont où quand comment pourquoi si très bien bonjour bonsoir
    salut merci beaucoup besoin aide voudrais veux peux peut pouvez fait faire sais quelqu quelque rien tout tous toute
    aussi encore déjà depuis ça cela comme j c l d qu n y lui parce alors même jamais s'il plaît svp
    """,
    "es": """
    yo tú él ella nosotros ustedes usted ellos me te se le lo la los las el un una unos mi mis tu tus su sus nuestro de del
    al a en con por para sin sobre y o pero no sí si es son soy está están estoy estaba ser era fue ha he han hay haber
    tengo tiene tienen necesito quiero quiere puede pueden puedo hacer hace sé saber que qué quien quién como cómo cuando
    cuándo donde dónde porque muy más ya también aquí ahí allí hola buenos buenas días gracias favor ayuda alguien algo nada
    todo todos este esta esto ese eso entre hasta desde mucho muchas nunca mismo quisiera estamos
    """,
    "it": """
    io tu lui lei noi voi loro mi ti ci si vi me te lo la li le gli il i un uno una mio mia miei tuo tua suo sua nostro
    vostro vostra di del della dei delle dello degli a al alla ai alle da dal dalla in nel nella nei con su sul sulla per
    tra fra e ed o ma non è sono sei siamo siete era erano essere stato stata ho hai ha abbiamo avete hanno avere che chi
    cosa come dove quando perché molto più anche già ancora qui ciao buongiorno salve grazie mille favore aiuto bisogno
    vorrei voglio posso può potete fare fatto so qualcuno qualcosa niente nulla tutto tutti questo questa quello quello ne
    dopo senza quel c l d un sempre mai cui
    """,
    "nl": """
    ik jij je hij zij ze wij we jullie u mij me jou hem haar ons onze hun hen mijn jouw zijn de het een en of maar niet geen
    is ben bent was waren wordt worden werd heb hebt heeft hebben had hadden kan kunt kunnen moet moeten wil willen zou zal
    met van voor naar op aan in uit bij over door om te tot als dan dat die dit deze daar hier waar wat wie hoe waarom
    wanneer omdat ook nog al wel zeer heel erg veel meer iets iemand niemand graag alstublieft bedankt hallo goedendag dag
    hulp nodig weet ga gaan doen zich er na sinds alleen altijd toch maken haar onder tegen ja groeten
    """,
    "pl": """
    ja ty on ona my wy oni mnie mi mną ciebie cię jego go jej ją ich nas nam was wam mój moja moje moim mojego mojej twój
    swój się i a w z na do o od po za przez przy dla bez pod nad jak co kto gdzie kiedy dlaczego że żeby bo ale lub czy nie
    tak jest są jestem był była było być będzie mam ma mają mieć może mogą mogę chcę chce chciałbym chciałabym wiem robić
    już tylko też bardzo jeszcze teraz tu tam ten ta to tego tej ktoś kimś coś nic wszystko proszę dziękuję dzień dobry
    cześć witam pomocy pomoc potrzebuję oraz który która które jako ze ponieważ pana pani państwo
    """,
    "pt": """
    eu tu você vocês ele ela nós eles elas me te se lhe o a os as um uma uns meu minha meus minhas teu seu sua seus nosso
    vossa vosso de do da dos das em no na nos nas num numa com por pelo pela para sem sobre e ou mas não sim é são sou está
    estão estou estava ser era foi tem têm tenho há ter haver preciso quero posso pode podem fazer faz sei que quem como
    quando onde porque muito mais já também aqui aí ali olá bom dia boa tarde noite obrigado obrigada favor ajuda alguém
    algo nada tudo todos este esta isto esse isso entre até desde ao à aos gostaria falar nunca mesmo vou
    """,
    "tr": """
    ben sen o biz siz onlar bana beni benim bende sana seni senin ona onu onun bize bizim size sizin bu şu ve veya ama fakat
    için ile gibi kadar değil var yok mi mı mu mü ne neden nasıl nerede kim kimse biri birisi biriyle bir çok daha en de da
    ki olarak olan oldu olduğu ise sonra önce şimdi artık her hiç bazı şey merhaba selam iyi günler teşekkür teşekkürler
    ederim lütfen yardım yardıma istiyorum bilmiyorum ihtiyacım kardeşim oğlum kızım eşim hakkında evet hayır beri çünkü
    eğer orada burada bunu yapacağımı misiniz mısınız tarafından göre vardır
    """,
    "ro": """
    eu tu el ea noi voi ei ele mă te se ne vă îmi îți îi mi ți meu mea mei mele tău ta său sa nostru de la în din pe cu
    pentru fără despre prin spre după și sau dar nu da este sunt ești suntem era fost fi am ai are avem aveți au avea vreau
    vrea aș ar pot poate puteți fac face știu să că ce cine cum când unde de ce foarte mai deja încă aici acolo bună ziua
    salut mulțumesc mult rog ajutor nevoie cineva ceva nimic tot toate acest această acesta un o unei unui al ale lui lor
    cel cea cele care in si sa ca ti fost ani prin astfel aceea acea acel aceste catre insa era erau ori dacă cât doar iar
    către nici asta
    """,
    "so": """
    waxaan waxaa waxay waxuu waa waan wuu way aan aad uu ay aniga adiga isaga iyada annaga idinka iyaga iyo oo ee ku ka la u
    soo si ma miyaa maxaa maxay yaa halkee goorma sida sidee inaan inaad inuu inay in ayaa ayaan baa ayay wax qof dad
    walaalkay wiilkayga gabadhayda caawimaad caawimo caawin salaan asalaamu mahadsanid mahadsan fadlan subax wanaagsan galab
    rabaa doonayaa baahanahay jeclaan lahaa garanayo leh leeyahay ahay yahay tahay ahaa kale badan kala mar haddii laakiin
    laakin sababtoo kaliya hadda maanta idiin igu isu tan
    """,
    "sq": """
    unë ti ai ajo ne ju ata më të së e i dhe ose por nuk nuk është janë jam jemi ishte kam ka kanë kemi me për nga në mbi pa
    deri si çfarë kush ku kur pse që se një ky kjo këto ato im ime tim juaj shumë më edhe vetëm tani këtu atje përshëndetje
    mirëdita faleminderit lutem ndihmë dua mund di dikush asgjë gjithë nëse duke kaq
    """,
    "cs": """
    já ty on ona my vy oni mě mně mi tě ti ho mu jej jí ji nás nám vás vám můj moje mého svůj se si a i v ve z ze na do o od
    po za při pro bez pod nad jak co kdo kde kdy proč že aby protože ale nebo jestli ne ano je jsou jsem jsme jste byl byla
    bylo být bude mám má mají může chci vím už jen také velmi ještě teď tady tam ten ta to toho někdo něco nic všechno
    prosím děkuji dobrý den ahoj pomoc potřebuji který která které jako
    """,
    "sk": """
    ja ty on ona my vy oni mňa mne mi ťa ti ho mu jej nás nám vás vám môj moja moje svoj sa si a aj i v vo z zo na do o od
    po za pri pre bez pod nad ako čo kto kde kedy prečo že aby pretože ale alebo či nie áno je sú som sme ste bol bola bolo
    byť bude mám má majú môže chcem viem už len tiež veľmi ešte teraz tu tam ten tá to niekto niečo nič všetko prosím
    ďakujem dobrý deň ahoj pomoc potrebujem ktorý ktorá ktoré
    """,
    "hu": """
    én te ő mi ti ők engem nekem neked neki a az egy és vagy de nem igen is van vannak vagyok volt voltam lesz lenni hogy ha
    mert ki mi mit hol mikor miért hogyan csak már még nagyon most itt ott ez azt ezt valaki valami semmi minden szia helló
    jó napot köszönöm kérem segítség segítségre segítséget szeretnék tudom kell lehet meg el fel be után előtt mint aki ami
    volna amely között által
    """,
    "hr": """
    ja ti on ona mi vi oni mene meni me tebe ti ga mu je ju joj nas nam vas vam moj moja moje moga mom svoj se i a ali ili u
    na o od do po za s sa iz kod bez pod nad kako što šta tko ko gdje gde kada zašto da jer ako ne nije nisam jesam sam si
    smo ste su bio bila bilo biti će ću imam ima imaju može mogu želim hoću znam već samo vrlo još sada tu tamo taj ta to
    neko netko nešto ništa sve molim hvala dobar dan zdravo pomoć trebam koji koja koje kao te također
    """,
    "lt": """
    aš tu jis ji mes jūs jie man mane tau mano tavo jo jos ir ar bet ne yra esu buvo būti bus turiu turi su į iš ant po už
    prie be nuo iki kad kaip kas kur kada kodėl nes jei jau tik labai dar dabar čia ten tas ta tai kažkas nieko viskas
    prašau ačiū labas laba diena sveiki pagalbos reikia noriu galiu gali nežinau apie buvo kuris kuri o
    """,
    "lv": """
    es tu viņš viņa mēs jūs viņi man mani tev mans mana manu un vai bet ne nav ir esmu bija būt būs ar no uz par pie bez
    līdz ka kā kas kur kad kāpēc jo ja jau tikai ļoti vēl tagad šeit tur tas tā kāds kaut nekas viss lūdzu paldies sveiki
    labdien palīdzība palīdzību vajag gribu varu var nezinu ko to kurš kura pēc
    """,
    "sv": """
    jag du han hon vi ni de dem mig dig honom henne oss er min mitt mina din sin sitt och eller men inte är var vara varit
    har hade ha kan kunde vill skulle ska måste med av för från till på i om under hos utan som att det den en ett detta
    dessa här där vad vem hur när varför så mycket bara också redan någon något ingen allt hej tack snälla hjälp behöver vet
    göra hela efter eftersom sedan
    """,
    "da": """
    jeg du han hun vi i de dem mig dig ham hende os jer min mit mine din sin og eller men ikke er var være været har havde
    kan kunne vil ville skal skulle må med af for fra til på om under hos uden som at det den en et dette disse her der hvad
    hvem hvor hvordan hvornår hvorfor så meget kun også allerede nogen noget ingen alt hej tak venligst hjælp brug ved gøre
    efter siden fordi blev bliver mange
    """,
    "no": """
    jeg du han hun vi dere de dem meg deg ham henne oss min mitt mine din sin og eller men ikke er var være vært har hadde
    kan kunne vil ville skal skulle må med av for fra til på om under hos uten som at det den en ei et dette disse her der
    hva hvem hvor hvordan når hvorfor så mye bare også allerede noen noe ingen alt hei takk vennligst hjelp trenger vet
    gjøre etter siden fordi ble blir mange
    """,
    "fi": """
    minä sinä hän me te he minun minua minulle sinun hänen meidän teidän ja tai mutta ei en on ole olen ovat oli olla ollut
    olisi että jos kun koska kuin mikä mitä kuka missä miten miksi niin myös vain vielä jo nyt täällä siellä tämä se ne tuo
    joku jokin mitään kaikki hei moi kiitos ole hyvä apua tarvitsen haluan voin voi tiedä kanssa sen sitä jotka joka hyvin
    ennen jälkeen
    """,
    "et": """
    ma mina sa sina ta tema me meie te teie nad minu mind mulle sinu tema ja või aga ei on ole olen oli olla olnud oleks et
    kui sest nagu mis mida kes kus kuidas miks nii ka ainult veel juba nüüd siin seal see need keegi midagi kõik tere aitäh
    palun abi vajan tahan saan tea oma ning mille kõige pärast enne
    """,
    "sl": """
    jaz ti on ona mi vi oni mene meni me tebe ga mu jo ji nas nam vas vam moj moja moje svoj se si in ali pa ter v na o od
    do po za s z iz pri brez pod nad kako kaj kdo kje kdaj zakaj da ker če ne ni nisem sem si smo ste so bil bila bilo biti
    bo imam ima imajo lahko želim hočem vem že samo zelo še zdaj tukaj tam ta to nekdo nekaj nič vse prosim hvala dober dan
    pozdravljeni pomoč potrebujem ki kot tudi
    """,
    "ca": """
    jo tu ell ella nosaltres vosaltres ells em et es ens us li el la els les un una uns meu meva seva nostre de del dels al
    als a en amb per sense sobre i o però no sí és són sóc està estic era ser ha he han hi tinc té necessito vull puc pot
    fer sé que què qui com quan on perquè molt més ja també aquí allà hola bon dia gràcies ajuda algú alguna res tot aquest
    aquesta això entre fins des
    """,
    "eu": """
    ni zu hura gu eta edo baina ez da dira naiz zen ziren izan dut du dute zuen zuten dago daude bat batzuk hau hori zer nor
    non noiz nola zergatik bezala ere bakarrik oso orain hemen kaixo egun on eskerrik asko mesedez laguntza behar nahi dakit
    izango egin egiten duen diren
    """,
    "tl": """
    ako ikaw siya kami tayo kayo sila ko mo niya namin natin ninyo nila akin iyo kanya ang ng mga sa na at o pero kung hindi
    oo ay may mayroon wala ito iyan iyon dito diyan doon ano sino saan kailan bakit paano para dahil lang din rin po kay ni
    si nang salamat kumusta tulong kailangan gusto alam lahat isang
    """,
    "ms": """
    saya aku kamu anda dia kami kita mereka ini itu dan atau tetapi tapi tidak bukan adalah ada yang di ke dari pada dengan
    untuk oleh dalam akan sudah telah sedang boleh bisa mau ingin perlu apa siapa mana bila kapan kenapa mengapa bagaimana
    sangat juga hanya masih sini situ halo terima kasih tolong bantuan seseorang karena kerana sebagai tahu
    """,
    "vi": """
    tôi bạn anh chị em ông bà nó chúng họ là và hoặc nhưng không có của cho với từ trong trên được đã đang sẽ này kia đó gì
    ai đâu khi nào sao như rất cũng chỉ còn xin chào cảm ơn giúp đỡ cần muốn biết người một những các để vì
    """,
    "sw": """
    mimi wewe yeye sisi ninyi wao yangu yako yake wetu na au lakini si ni kwa ya wa za la katika hapa hapo kutoka kama nini
    nani wapi lini kwanini sana pia tu bado sasa habari asante tafadhali msaada nahitaji nataka najua mtu watu kuna hakuna
    ndiyo hapana baada kabla ambao huyu hii
    """,
    "ga": """
    mé tú sé sí muid sibh siad mo do ár agus nó ach ní níl tá bhí is an na ar ag le ó faoi gan go don cad cé conas cathain
    cén fáth seo sin anseo ansin dia duit raibh maith agat cabhair teastaíonn uaim duine rud atá bhfuil leis chun ina
    """,
    "ku": """
    ez tu ew em hûn min te wî wê me we wan û an lê ne na ye in im bû hene heye li ji di bi ser bo ku kî çi kengî çima çawa
    pir jî tenê niha ev vir silav spas alîkarî dixwazim dikarim dizanim kesek her yên yê
    """,
    "az": """
    mən sən biz siz onlar mənə məni mənim sənə bizim bu və amma üçün ilə kimi deyil var yox nə necə niyə kim bir çox daha
    olan oldu sonra indi hər salam təşəkkür edirəm xahiş kömək istəyirəm bilmirəm haqqında olduğu də da ki
    """,
    "yo": """
    mo ó ni ní ti tí sí láti fún pẹlu ati àti àwọn awọn wọn kò kí bí náà rẹ yìí gbogbo jẹ nínú tàbí ṣugbọn wa wá jọwọ
    """,
    "is": """
    ég þú hann hún við þið þeir mig mér þig þér minn mín og eða en ekki er eru var vera hef hefur hafa get vil með af fyrir
    frá til á í um sem að það þetta hér þar hvað hver hvernig hvenær svo mjög bara líka einhver eitthvað halló takk hjálp
    þarf veit
    """,
}


def _folded(word: str) -> str:
    """Without accents, as people type who have no key for them."""
    plain = unicodedata.normalize("NFD", word.replace("ł", "l").replace("ı", "i").replace("ø", "o").replace("đ", "d"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _index() -> Mapping[str, frozenset[str]]:
    english = frozenset(_ENGLISH.split())
    languages: dict[str, set[str]] = {word: {"en"} for word in english}
    for language, words in _OTHERS.items():
        for word in words.split():
            languages.setdefault(word, set()).add(language)
            plain = _folded(word)
            # Short ones mean too much elsewhere ("só" is not "so").
            if len(plain) > 2 and plain not in english:
                languages.setdefault(plain, set()).add(language)
    return MappingProxyType({word: frozenset(spoken) for word, spoken in languages.items()})


# Casefolded word -> the languages that it is a small word of.
SMALL_WORDS: Mapping[str, frozenset[str]] = _index()
