"""The function words of many languages in one set, folded: prose is full of them, menus are not.

Short lists of the commonest words are enough for a density, and one set for all languages means that no
language has to be guessed before a block can be measured.
"""

from __future__ import annotations

from typing import Final

from cleaner.fold import fold

#: By BCP 47 language tag, so that a list can be read and mended by someone who speaks the language.
WORDS: Final = {
    "ar": (
        "في من على إلى عن أن إن هذا هذه التي الذي كان كانت ما لا لم قد كل بعد قبل بين مع أو ثم حيث كما هو هي "
        "ذلك وقد وفي ومن وأن وكان خلال عند لكن"
    ),
    "cs": (
        "a v se na je že s z do o k i jako za by pro ale po který která které jsem jsou byl byla bylo od při "
        "jeho jejich už také než ve to tak však aby"
    ),
    "da": (
        "og i at det en den til er som på de med han af for ikke der var mig sig men et har om vi min havde "
        "fra hun over da kun så også blev efter"
    ),
    "de": (
        "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden "
        "aus er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur "
        "oder aber vor zur bis mehr durch man sein wurde wir ich"
    ),
    "el": (
        "και το να του η της με που την από για τα είναι των σε ο οι στο θα τη στην τον τους δεν τις ένα μια "
        "ότι αυτό ως αλλά στη στον κατά έχει μας"
    ),
    "en": (
        "the of and to in a is that for it as was with be by on not he his but at are this have had from or "
        "which an they she her you we were their been has will would there what if can all more when who no "
        "so about up out them than its into only other some could these do did my your our i me him how just "
        "like because"
    ),
    "es": (
        "de la que el en y a los se del las un por con no una su para es al lo como más pero sus le ya o fue "
        "este ha sí porque esta son entre cuando muy sin sobre ser también me hasta hay donde desde nos "
        "durante todos uno ni contra ese eso había era"
    ),
    "fa": ("و در به از که این را با است برای آن یک خود تا کرد بر هم نیز می شود شده بود اما یا باید شد ما وی او هر"),
    "fi": (
        "ja on ei se että oli hän ovat mutta kun niin myös kuin jos joka sen tai mitä ole nyt voi vain siitä "
        "hänen tämä joka ovat sekä olla mukaan"
    ),
    "fr": (
        "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont la "
        "avec son sa aux ou ses mais comme nous vous être été cette leur elle ont fait on y deux même aussi "
        "bien sans entre tout je ces était"
    ),
    "he": "של את על לא הוא היא זה עם כי גם אל או כל אני יש אבל זו רק בין אם כמו היה אשר לפי הם",
    "hi": "के का की में है और से को पर कि यह ने हैं एक भी लिए कर इस हो था नहीं जो तो गया थे ही अपने",
    "hu": (
        "a az és hogy nem is egy ez volt meg csak ha de már mint azt még el vagy kell lesz ki van amely majd "
        "után sem fel nagyon minden"
    ),
    "id": (
        "yang dan di dengan untuk ini dari dalam tidak itu pada akan adalah ke juga oleh karena sebagai ada "
        "telah lebih atau bisa mereka kami saya dapat tersebut"
    ),
    "it": (
        "di e il la che in un a per è una con non del sono si da le dei della i gli al come più nel ha alla "
        "ma anche o se lo su ci questo questa delle suo loro dal degli nella stato essere era"
    ),
    "ja": "の は を に が で と た も て れ さ い な か ら し",
    "ko": "이 그 수 있는 및 등 것 한 는 은 을 를 에 의 가 있다 했다 한다 것으로 대한",
    "nl": (
        "de van het een en in is dat op te zijn met voor niet aan er om ook als maar bij nog naar dan uit "
        "door over ze zich hij werd was wordt tot wel meer deze die geen kan hebben heeft je wij"
    ),
    "no": (
        "og i det som er på en til av for at med de ikke den har et om han seg men var fra vi jeg så også kan "
        "ble eller etter skal hun"
    ),
    "pl": (
        "i w na z się do nie jest że to o jak po co za od przez dla jego jej ale tak oraz który która które "
        "są być był było tym już może przy ich tego czy lub także"
    ),
    "pt": (
        "de a o que e do da em um para com não uma os no se na por mais as dos como mas ao ele das à seu sua "
        "ou quando muito nos já eu também só pelo pela até isso ela entre depois sem mesmo aos são foi ser"
    ),
    "ro": (
        "de și în la cu a care pe nu din că un o pentru sau este mai au fost să se ce prin dar după sunt ca "
        "lui ale său această fi"
    ),
    "ru": (
        "и в не на что с по как а то он но к у из за от его это о так же для все она они мы был была было "
        "быть или при до если уже только их ее чтобы также может который которые этого"
    ),
    "sv": (
        "och i att det som en på är av för med till den har de inte om ett men var jag sig från vi så kan när "
        "eller också han hon efter under vid"
    ),
    "tr": (
        "ve bir bu da de için ile çok olarak daha gibi olan en kadar ne var ama sonra ise mi değil göre her "
        "hem ya şey oldu olduğunu ki o"
    ),
    "uk": (
        "і в не на що з до як та у це за його від про але так для вона вони ми був була було бути або при "
        "який які також може щоб цього ж вже"
    ),
    "vi": (
        "và của là có cho không các được trong một với người này những đã khi từ để cũng đến như ra về thì "
        "vào sẽ trên tại"
    ),
    "zh": "的 了 在 是 和 有 不 这 这 我 他 也 就 人 都 一 为 与 而 这 着 上 個 们 說 说 对 於 于 到 之",
}

FUNCTION_WORDS: Final = frozenset(word for words in WORDS.values() for word in fold(words).split() if word != "0")
