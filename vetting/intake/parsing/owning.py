"""Whether a text says of a Twitter name that it is its sender's own. Patterns within one sentence, and what the message is about.

What people write about somebody else's name cannot be listed: they warn, ask, pass on, recommend. The ways of saying "mine" can. A name
is the sender's where one of them stands with it and nothing speaks against it; every other name is only mentioned, and a colleague asks
whose it is. To be wrong in this direction costs a question; in the other it would let in a stranger whom a family warned of.
"""

import re

from vetting.intake.parsing.purpose import is_about_others, is_for_oneself, said_by_the_sender
from vetting.intake.parsing.vocabulary import words

_BEFORE, _AFTER, _AROUND = 200, 120, 600
# So many names just before are a list of accounts, and nobody's own.
_MANY = 8
_SENTENCE_ENDS = re.compile(r"(?<!e\.g)(?<!i\.e)[.!?;](?=\s)|\n\s{0,3}\n|\n(?=[A-Z>*•-])")
_REST_OF_AN_ADDRESS = re.compile(r"^[/?&#]\S*")

_OPEN = r"[\"'“”‘’(\[<*_\u200b-\u200f\u202a-\u202e\u2066-\u2069]{0,4}"
_CLOSE = r"[\"'“”‘’)\]>*_\u200b-\u200f\u202a-\u202e\u2066-\u2069]{0,4}"
# A name just before, in a list: "@dana_hill and also @dana_h".
_LISTED = (
    rf"(?:{_OPEN}@?\s?[A-Za-z0-9_]{{1,30}}{_CLOSE}\s{{0,2}}(?:on [A-Za-z]{{1,12}}\s)?"
    r"(?:,|and also|but i also use|and|or|also|&|/)\s{0,2}){0,3}"
)
_HERE = rf"{_OPEN}$"
_PLATFORM = r"(?:t[wi]\w{1,3}t\w{0,3}e?r|x)"
_ON = rf"(?:\(?(?:now|formerly|was|aka)?\s?{_PLATFORM}\)?|/\s?{_PLATFORM})"
_KIND = (
    r"(?:hand(?:le|el)s?|hadle|names?|naem|nmae|accounts?(?:\snames?)?|user\s?-?names?|usernmae|screen\s?-?names?|ids?"
    r"|user\s?ids?|profiles?|acct?|a/c"
    r"|tags?|nicknames?|@)"
)
_WHAT = rf"(?:{_ON}(?:/\s?(?:insta\w{{0,6}}|facebook|fb))?[’'-]?s?\s{{0,2}}(?:{_ON}\s?)?{_KIND}?|{_KIND})"
_PLACE = rf"(?:\s(?:(?:on|for|at|in)\s{_PLATFORM}|on there|there|here|name)){{0,2}}(?:\s?\([^()\n]{{1,60}}\))?"
_LINK = (
    r"(?:['’]s\b)?\s{0,6}(?:(?:(?:\b|(?=,))(?:is|are|being|will be|would be|should be|reads|spel(?:led|t)|written|as follows"
    r"|below|, which is|called|as|under(?: the name)?|at|now|just|still|it['’]?s)\b"
    r"|[:=–—→\-*?]|->)\s{0,6}){0,4}"
)
_KINDS_OF_MINE = (
    r"(?:new|current|own|personal|private|public|only|actual|full|real|proper|main|correct|family|parents?|locked|protected"
    r"|joint|shared)"
)
_USED = r"(?:\s(?:as requested|as you asked|(?:that|which)?\s?(?:i|we) (?:use|go by|tweet with)))?"
_MINE = re.compile(
    rf"(?<!\bin\s)(?<!\busing\s)(?<!\buses\s)(?<!\bunder\s)\b(?:my|our)\s(?:{_KINDS_OF_MINE}\s){{0,2}}(?:{_WHAT}(?:\s(?:details"
    rf"|address|link|page|nick))?|(?:page|link|nick|one)\b){_PLACE}{_USED}{_PLACE}"
    rf"{_LINK}{_LISTED}{_HERE}"
    # "A friend of mine is @sam" is nobody's own.
    rf"|(?<!\bof\s)(?<!\bnot\s)(?<!n['’]t\s)(?<!\bnever\s)\b(?:mine|ours)\b{_LINK}{_HERE}"
    rf"|\bthe\s{_WHAT}\s(?:that\s|which\s)?(?:i|we)\s(?:use|go by|am using|are using){_PLACE}{_LINK}{_HERE}",
    re.I,
)
_I_AM = re.compile(
    rf"(?<!than )\b(?:i\s?am|i['’]?m|we\s?are|we['’]re|(?:^|[,;(–-]\s?)(?:me|myself):?|\bfrom\s(?:me|myself)(?=\s?[,:–—(-])"
    r"|(?:that['’]?s|this is|it['’]?s) (?:me|us):?"
    rf"|(?:i|we) (?:go by|use|tweet|post|call myself|appear|show up|come up|log in|sign in)|i can be|(?:find|see|know) (?:me|us))"
    rf"(?:\s(?:on|as|at|under|called|known|also|just|now|there|using|found|listed|registered|signed up|the name(?: of)?|account"
    rf"|name|handle|user|username|{_PLATFORM}|@)){{0,5}}"
    rf"\s{{0,2}}[:–—,=(-]?\s{{0,2}}{_LISTED}{_HERE}",
    re.I,
)
_I_MADE = re.compile(
    rf"\b(?:i|we)(?:['’]ve|\shave)?(?:\sjust|\snow)?\s(?:made|set up|created|opened|started|share)\s(?:an?|one|my|our)\s"
    rf"(?:{_KINDS_OF_MINE}\s){{0,2}}{_WHAT}(?:\s(?:just|only|for|the|this|school|on|{_PLATFORM}|called|named|under|as)){{0,6}}"
    rf"\s?[,:–—-]?\s?(?:it['’]?s\s|it is\s)?{_HERE}",
    re.I,
)
_IT_IS = re.compile(
    rf"(?:^|[,:;(–—-]|\b(?:hi|hello|hey|and|yes)\b)\s{{0,3}}(?:it is|it['’]?s|this is|it should be)\s(?:called\s|now\s"
    rf"|just\s)?{_LISTED}{_HERE}"
    rf"|\b(?:here you (?:go|are)|as requested|as you asked)\s?[,:–—-]\s?{_HERE}",
    re.I,
)
_NOW = re.compile(
    rf"\b(?:i|we)(?:['’]ve|\shave)?(?:\sjust|\snow|\srecently)?\s(?:changed|renamed|switched|moved)\b(?:\s(?:my|our|the|it"
    rf"|from|since|new|{_WHAT})){{0,6}}\s(?:to|as)\s{_HERE}"
    rf"|\bmy\s(?:{_KINDS_OF_MINE}\s){{0,2}}{_WHAT}{_PLACE}(?:,?\s(?:was|used to be|has|changed|been|but|and|is|it|it['’]s"
    rf"|@\w{{1,15}})){{1,6}}"
    rf"\s(?:now|to)\s{_HERE}",
    re.I,
)
_LABEL = re.compile(
    rf"(?:^|[,;|/!?.)\n:–—-]\s)\W{{0,8}}(?:\d{{1,2}}[.)]\s)?(?:(?:what['’]?s|what is)\s)?"
    rf"(?:(?:my|our|the|your|new|parent/carer['’]?s?|parent['’]?s?|carer['’]?s?|on)\s){{0,3}}{_WHAT}{_PLACE}{_LINK}{_LISTED}{_HERE}",
    re.I,
)
_I_ASKED = re.compile(
    r"\b(?:i|we)\b(?:['’](?:ve|m|d|ll|re))?(?:\s(?:have|am|are|had|would|will|want|wish|just|also|already|now|recently|like"
    r"|love|to|be|today)){0,6}"
    r"\s(?:requested|requesting|request|asked|asking|ask|applied|applying|apply|sent|sending|made|submitted|put in|follow"
    r"|followed|following"
    r"|join|joined|signed up|registered)\b"
    r"(?:\s(?:to|follow|following|join|you|the|my|our|an?|request|on|twitter|x|school|your|school['’]?s|account|page|feed|this"
    r"|morning|afternoon|evening"
    r"|today|yesterday|just|now|again|private|protected|in|earlier|last|night|week|permission|access|for|up|it|all)){0,12}"
    rf"(?:\s?[,:(–—-]\s?{_HERE}|\s(?:through\s)?(?:as|under|from|using|via|with(?=\s(?:my|our|the|an?|{_WHAT})\b))\s(?:(?:my"
    rf"|our|the|an?|called|named|new|private"
    rf"|{_WHAT})\s){{0,4}}{_HERE})",
    re.I,
)
_REQUEST_FROM = re.compile(
    r"(?:^\W{0,3}(?:(?:twitter|x|new|hello|hi|my|our)\s){0,3}|\b(?:my|our)\s(?:twitter\s|x\s)?"
    r"|\byou(?:['’]ll|\swill|\sshould|\smay|\scan)?(?:\s(?:now|soon|also))?\s(?:see|have|get|find|receive|have had)\s(?:a|an|the|my"
    r"|our)\s(?:new\s|twitter\s|x\s)?)"
    r"(?:follow(?:er|ing)?\s)?requests?(?:\s(?:to follow(?: you)?|on twitter|on x))?"
    rf"\s{{0,2}}(?:is|was|will be|has come|comes|will come|was sent|sent|:|\()?\s{{0,2}}(?:from|by|as|under|for|:)?\s{{0,2}}{_HERE}",
    re.I,
)
_LET_ME_IN = re.compile(
    r"\b(?:please|pls|plz|can|could|would|will|kindly|grateful)\b(?:,?\s(?:you(?:['’]d)?|could|can|would|please|kindly|possibly"
    r"|just|also|to|i|ask|help|now|be"
    r"|so|kind|as|and|able)){0,8}\s(?:accept(?:ed)?|approved?|add(?:ed)?|let|allow(?:ed)?|confirm|verify|admit)\b"
    rf"(?:\s(?:me|us|my|our|the|to|in|follow|following|request|account|on|{_PLATFORM}|school|as|from|name|user|handle|is|it['’]?s|im"
    rf"|i['’]?m|follower|feed|page)){{0,14}}"
    rf"[\s,:;–—-]{{0,4}}(?:@\w{{1,15}}\s{{0,2}}(?:,|and|&|/)\s{{0,2}}){{0,3}}{_HERE}",
    re.I,
)
_ONLY_TO_ACCEPT = re.compile(r"\b(?:accept(?:ed)?|approved?|add(?:ed)?|let|allow(?:ed)?|admit|me|us|my|our)\b", re.I)
_FOR_ME = re.compile(r"\b(?:me|us|my|our|i|i['’]?m)\b", re.I)
_THEN_MINE = re.compile(
    rf"^{_CLOSE}(?:['’]s\s(?:follow\s)?request)?[ \t]{{0,2}}(?:on (?:twitter|x)\s)?(?:[,(–—-]\s{{0,2}})?"
    r"(?:(?:that['’]?s|that is|it['’]?s|which is|this is|is|=|are|that would be|belongs to)\s)?"
    r"(?:also\s|all\s|from\s)?(?:mine|ours|me|the name i use|my (?:own\s)?(?:new\s|own\s|personal\s)?(?:account|handle|name"
    r"|twitter|x|profile"
    r"|user ?name)|us)\b",
    re.I,
)
# "Mon compte Twitter est", "Na Twitterze jestem": a word for mine, then words for an account, a place and "is" alone, up to the name. A
# husband or a worry is none of them. "Je suis @sam" may be "I follow @sam", so that it counts with the place alone.
_FOREIGN_THING = (
    r"(?:twit\w{1,8}|tweet\w{0,4}|x|твит\w{1,5}|твіт\w{1,5}|טוויטר|تويتر|ट्विटर|ٹوئٹر|توییتر|টুইটার|ਟਵਿੱਟਰ"
    r"|nom|pseudo\w{0,4}|compte|identifiant|profil\w?|perfil|konto\w{0,2}|name|nutzername|benutzername|usuario|cuenta|nombre"
    r"|nome|usuário|account|conta"
    r"|utente|utilizador|nick\w{0,4}|nazwa|użytkownika|login|naam|gebruikersnaam|navn\w{0,2}|namn|adım|hesabım|cont\w{0,2}|vardas"
    r"|имя|ник|логин|аккаунт|нік|логін|акаунт|ім['’]я|нікнейм|никнейм|חשבון|שם|नाम|نام|اکاؤنٹ|ہینڈل|অ্যাকাউন্ট|নাম|ਨਾਮ)"
)
_FOREIGN_LINK = (
    r"(?:est|c['’]est|s['’]appelle|le|la|el|o|a|un|sous|sur|de|du|d['’]utilisateur|ist|lautet|heißt|als|unter|auf|bei|dem|es"
    r"|como|en|é|em|no"
    r"|è|su|il|jest|to|jako|na|is|op|er|är|på|pe|este|yra|je|we?|w|у|в|на|під|под|это|це|є|هو|في|على|पर|है|پر|ہے|کا|הוא|ב|এ)"
)
_BETWEEN = rf"(?:[\s-]{{1,2}}(?:ב|ל)?(?:{_FOREIGN_THING}|{_FOREIGN_LINK}))"
_TO_THE_NAME = rf"\s?[:=–—,-]?\s?{_HERE}"
_FOREIGN_MINE = re.compile(
    r"\b(?:mon|mein|meine|mi|mio|mia|mój|moja|moje|meu|minha|mijn|benim|min|mit|mitt|numele meu|contul meu|mano|môj|můj|мо[её]|мой|моя|мій"
    rf"|שלי|اسمي|حسابي|मेरा|میرا|আমার|ਮੇਰਾ|je suis){_BETWEEN}{{1,7}}{_TO_THE_NAME}"
    r"|\b(?:ich bin|bin ich|heiße ich|ich heiße|je m['’]appelle|soy|me llamo|sono|mi chiamo|jestem|sou|chamo-me|ik ben|ben ik|я)"
    rf"{_BETWEEN}{{0,7}}{_TO_THE_NAME}",
    re.I,
)
_FOREIGN_NOT = re.compile(
    r"\b(?:nicht|kein\w{0,2}|nie|ne|n['’]\w+|pas|non|não|nao|niet|geen|değil|nu|no(?!\s+(?:twitter|x)\b)|ikke|inte|wer|qui|gefolgt"
    r"|quien|quién|chi|kto|не|ні|нет|кто|хто)\b"
    r"|ليس|לא|नहीं|نہیں|من هو|מי\b",
    re.I,
)
_PLATFORM_NAMED = re.compile(r"twit|tweet|\bx\b|твит|твіт|טוויטר|تويتر|ट्विटर|ٹوئٹر|توییتر|টুইটার|ਟਵਿੱਟਰ", re.I)

# What says that a name is no longer, never was, or is only like the sender's; and a question whose it is.
_NOT = re.compile(
    r"\b(?:not|isn['’]?t|never|used to be|formerly|previously|was|were|old|lost|closed|deleted|longer use|no longer|like"
    r"|similar to|except)"
    rf"\s{{0,2}}(?:[^\W\d_]{{1,12}}\s){{0,2}}?{_HERE}",
    re.I,
)
_THEN_NOT = re.compile(
    rf"^{_CLOSE}(?:\s(?:on|at)\s(?:twitter|x))?(?:,?\s{{0,2}}(?:[-–—]\s|but\s|and\s)?|[.?]\s{{0,2}}(?:sorry,?\s"
    rf"|actually,?\s)?(?=(?:that|it|this|no)\b))"
    r"(?:(?:that|it|this|which)\s?)?(?:is|was|are|got|has been|has|['’]s)?\s?"
    r"(?:not\b(?! the (?:one|old|other))|n['’]t\b|isn['’]?t\b|wasn['’]?t\b|nobody\b|fake\b|an? impost|pretend|nothing to do|no\b|any ?more"
    r"|(?:just |also |now |been |a |an )?(?:stolen|hacked|taken over|cloned|copied|compromised|deleted|closed|wrong|incorrect"
    r"|mistake|untrue|false|lie)\b)"
    rf"|^{_CLOSE}[ \t](?:one of|yours|your)\b|^{_CLOSE},?[ \t](?:(?:is|that['’]?s)\s)?my ex\b"
    # "My account is @sam. Sorry, that is my husband's."
    rf"|^{_CLOSE}[.,]\s(?:[\w ]{{1,15}},\s)?that(?:['’]?s| is) my (?:ex\b|[a-z-]{{2,14}}['’]s\b)"
    rf"|^{_CLOSE}[.,]\s(?:someone|somebody) (?:took|stole|has)\b",
    re.I,
)
# What others say of the sender, or the sender doubts: "he claims my Twitter name is @sam". "I said" and "I think" are the sender's word.
_SAID_BY_OTHERS = re.compile(
    r"(?<!\bi\s)(?<!\bwe\s)(?<!['’]ve\s)(?<!\bhave\s)(?<!\balready\s)"
    r"\b(?:says?|said|saying|claim(?:s|ed|ing)?|told (?:you|me|him|her|us|them|the school|everyone|people)|tell(?:s"
    r"|ing)? (?:you|me|people|everyone)"
    r"|wrote|writes?|writing|thinks?|thought|believes?|pretend\w{0,4}|doubt|true|untrue|if|whether|(?:correct|right|lie|false"
    r"|wrong)(?= that))"
    rf"(?:\sthat)?:?\s{{0,2}}{_OPEN}(?:@?$|(?:my|our|mine|i|i['’]?m|we|(?:that['’]?s|it['’]?s|this is|that is|it is) (?:me|us|mine|my))\b)",
    re.I,
)
# "I follow @sam": whoever that is.
_IS_OBJECT = re.compile(rf"\b(?:follow|following|followed|join|see|from|with|to|of|for)\s{{0,2}}{_HERE}", re.I)
# "@sam's request": somebody else speaks of @sam.
_HAS = re.compile(rf"^{_CLOSE}['’]s\b")
# A child's name is not a Twitter name: "our children: sam, ada".
_CHILD = re.compile(r"\b(?:child|children|kids?|sons?|daughters?|bab(?:y|ies)|pupils?)\b[^,;()\n–—-]*$", re.I)
_ASKED = re.compile(r"\b(?:is|are|was|who|whose|who['’]s|does|did|why|when|has|have you|do you|can you tell)\b[^.!\n]{0,60}$", re.I)
_OTHERS = (
    r"he|she|him|her|hers|his|who|whom|whose|man|woman|lady|boy|girl|lad|guy|bloke|people|stranger|somebody|someone|anyone"
    r"|anybody|messag\w{2,5}|worr\w{2,5}"
    r"|concern(?:ed|ing|s)"
    r"|fake|hacked|pretend\w{0,4}|impost[eo]r\w?|imperson\w{1,8}|suspicious|scam\w{0,4}|creepy|weird|odd|strange|ex"
    r"|ex-\w{2,10}|neighbou?rs?"
    r"|friends?|mate|tenant|(?:my|our) (?:mum|mummy|dad|daddy|mother|father|mam|parents)|brother|sister|cousin|husband|wife"
    r"|partner|childminder|nanny|grand\w{2,6}|grandma|nan|gran|uncle"
    r"|aunt\w{0,3}|boss|landlord|lodger"
    r"|colleagues?|teacher|coach|beware|wary|careful|report\w{0,3}|block\w{0,3}|refuse|decline|reject|remove|ignore"
    r"|unfollow|do\s?n[o'’]?t (?:let|accept"
    r"|add|allow|approve|know|recogni[sz]e)|not (?:let|accept|add|allow|approve|know|recogni[sz]e)|photos?|pictures?|they"
    r"|them|their|theirs|the other"
)
# The words before end in a pause, so that a verb after the name tells of its bearer.
_APART = re.compile(r"(?:[,:;.]|\band)\s{0,2}$", re.I)
# "Please add @sam too", "accept @sam for me": somebody beside the sender.
_AS_WELL = re.compile(r"\b(?:also|too(?! much)|as well)\b|@\W{0,3}(?:and|for|with|like|before|after) (?:me|us|i|my|our)\b", re.I)
_TO_REFUSE = re.compile(r"\b(?:refuse|decline|reject|remove|delete|block|report|n[o'’]t (?:let|accept|add|allow|approve))\b", re.I)
_SPEAKS_OF_OTHERS = re.compile(rf"\b(?:{_OTHERS})\b", re.I)
# "@sam told us": a verb whose subject is the name.
_DOES = re.compile(
    rf"^{_CLOSE}[ \t]{{1,3}}(?:[a-z]{{2,20}}(?:s|ed)|is|has|had|sent|was|who|should|will|may|must|can|would|could|might"
    rf"|among|told|wrote|came|got|found|gave|took|keep)\b(?<!thanks)(?<!please)(?<!regards)",
    re.I,
)
# Words beside a bare name that are about nobody in particular; and what courtesy adds to them in a whole message.
_QUIET = words(
    """
    hi hello dear all hey good morning afternoon evening thanks thank you many very much regards kind best cheers please pls plz
    twitter x name handle
    account username user id profile tag follow follower following request requests verification approval confirmation access let for
    the school new and or also mum mummy dad daddy mother father parent parents carer guardian of in class year yr
    on from my our me us i i'm im am is it's a an at to with as reception nursery form office team sir madam here below attached
    yes ok hope would like can could page feed just requested join xx x protected private child son daughter sons daughters children kids
    """
)
_POLITE = words(
    """
    hope this helps ok okay let know if need anything else apologies sorry delay have great day weekend week thank appreciate
    appreciated help
    wishes sincerely faithfully yours setting up idea all right without what's you'll you will your see e.g eg g e instagram insta
    facebook fb best tel mobile date it that what typo letter answer question still waiting approval should accept approve add is place
    looking forward hearing sent iphone get outlook ios android
    above see find just requested join joining asked receive it's so much advance again be added accepted able grateful you'd i'd we
    we'd we've
    i've love happy soon when there details contact parents' child's name names class forename surname first last full phone email e-mail
    relationship pupil student don't n't use facebook formerly now go here's
    """
)
_CLASS = re.compile(r"y?\d{1,2}\w?|r|yr\d{0,2}", re.I)
_IS_PARENT = re.compile(r"(?<=['’]s)\s(?:mum|mummy|dad|daddy|mother|father|parents?|carer|guardian)\b", re.I)
# "The school's Twitter is @sam": the school's own.
_OF_THE_SCHOOL = re.compile(rf"\b(?:school|class|club|pta|team|choir|group|band)['’]?s?\s(?:page|{_WHAT}){_PLACE}{_LINK}{_HERE}", re.I)
_FOLLOW_US = re.compile(r"\bfollow (?:us|me)\b", re.I)
_WITH_OTHERS = re.compile(r"\b(?:me|us) (?:and|plus)\s{0,2}$", re.I)
# "We are at @museum today": a place.
_AT_A_PLACE = re.compile(r"\b(?:i['’]?m|am|are|['’]re|now|tweet)\sat\s{0,2}$", re.I)
_BEFORE_A_NAME = re.compile(
    r"\b(?:of|to|for|in|child|children|son|daughter|kids|pupil|class|parent|mum|dad|mother|father|carer|guardian|and|i['’]?m|am)\b", re.I
)


def is_said_to_be_own(text: str, start: int, end: int, *, alone: bool = False, sender: str = "", about: str = "") -> bool:
    """Whether the text says that the name from `start` to `end` is its sender's own.

    Args:
        alone: it stands alone on its line.
        sender: the name the message shows as its sender's; "" where it shows none.
        about: what else the message says, for a name in the subject.
    """
    if text.count("@", max(0, start - _BEFORE), start) > _MANY:
        return False
    before, after = _before(text, start, alone=alone), _REST_OF_AN_ADDRESS.sub("", text[end : end + _AFTER])
    rest = re.split(r"[.!?;\n]", after, maxsplit=1)[0]
    if _THEN_NOT.match(after) or _SAID_BY_OTHERS.search(before) or _WITH_OTHERS.search(before):
        return False
    if _THEN_MINE.match(after):
        return not _SPEAKS_OF_OTHERS.search(before)
    if (text[start] == "@" and _AT_A_PLACE.search(before)) or _HAS.match(after) or _NOT.search(before) or _is_a_question(before, after):
        return False
    if _is_said_outright(before, after):
        return True
    if _SPEAKS_OF_OTHERS.search(before) or _SPEAKS_OF_OTHERS.search(rest) or _DOES.match(after):
        return False
    asked = _LET_ME_IN.search(before)
    asks = asked.group() if asked and _ONLY_TO_ACCEPT.search(asked.group()) else ""
    if _FOR_ME.search(asks):
        return True
    if asks:
        said = _says_little("", rest, sender) and not _AS_WELL.search(f"{before}@{rest}")
    else:
        said = _is_bare(before, rest, sender) and not after[len(rest) :].startswith("?")
    return said and _is_about_oneself(f"{_around(text, start, end)}\n{about[:_AROUND]}", sender)


def _is_said_outright(before: str, after: str) -> bool:
    """Whether the words for "mine" or "I am" lead to the name, and none of them is about somebody else."""
    ways = (way.search(before) for way in (_MINE, _I_AM, _NOW, _I_ASKED, _I_MADE))
    if any(way is not None and not _SPEAKS_OF_OTHERS.search(way.group()) for way in ways):
        # "I am on Twitter, @sam told me of you."
        return not (_APART.search(before) and _DOES.match(after)) and not _TO_REFUSE.search(re.split(r"[.!?;\n]", after, maxsplit=1)[0])
    return _is_foreign_mine(before, after)


def _is_bare(before: str, rest: str, sender: str) -> bool:
    """Whether the name stands as an answer to "your Twitter name": below a label, or with nothing but greetings and who writes."""
    if _OF_THE_SCHOOL.search(before) or _FOLLOW_US.search(before):
        return False
    if _LABEL.search(before):
        return True
    if not _says_little("", rest, sender):
        return False
    if any(way.search(before) for way in (_IT_IS, _REQUEST_FROM)):
        return True
    return not (_IS_OBJECT.search(before) or _CHILD.search(before)) and _says_little(before, "", sender)


def _is_about_oneself(message: str, sender: str) -> bool:
    """Whether a message that holds a bare name asks for its sender, or says next to nothing else, and speaks for nobody else."""
    message = said_by_the_sender(message)
    if is_about_others(message):
        return False
    return is_for_oneself(message) or _says_little(message, "", sender, polite=True)


def _before(text: str, start: int, *, alone: bool) -> str:
    """The sentence up to the name; with the line above where that ends in a colon, or the name stands alone beneath it."""
    stretch = re.sub(r"([:=]\W{0,3}?)\s*\n\s*", r"\1 ", text[max(0, start - _BEFORE) : start])
    if alone and (above := stretch.rstrip().rsplit("\n", 1)[-1].strip()) and not above.endswith((".", "!", ",", ";")):
        return f"{above} "
    return _SENTENCE_ENDS.split(stretch)[-1]


def _around(text: str, start: int, end: int) -> str:
    return f"{text[max(0, start - _AROUND) : start]} {_REST_OF_AN_ADDRESS.sub('', text[end : end + _AROUND])}"


def _is_a_question(before: str, after: str) -> bool:
    """Whether it is asked whose name that is: "who is @sam?", "is @sam one of yours?"; "could you accept @sam?" asks something else."""
    asked = _ASKED.search(before)
    if asked is None or "?" not in re.split(r"[.!;\n]", after, maxsplit=1)[0]:
        return False
    return not (_MINE.search(before) or _I_AM.search(before)) or asked.start() > before.lower().rfind("my")


def _is_foreign_mine(before: str, after: str) -> bool:
    """ "Mon nom Twitter est", "Mein Twitter-Name ist": a word for mine and Twitter's name in one sentence that denies and asks
    nothing."""
    sentence = f"{before} {after[:60]}"
    if after.lstrip().startswith("?"):
        return False
    spoken = bool(_FOREIGN_MINE.search(before)) and bool(_PLATFORM_NAMED.search(sentence))
    return spoken and not _FOREIGN_NOT.search(sentence)


def _says_little(before: str, rest: str, sender: str, *, polite: bool = False) -> bool:
    """Whether the words hold nothing but the name, greetings, and who writes: "Dana Hill, mum of Ada (6B), @dana_hill"."""
    own = {name.casefold() for name in re.findall(r"[^\W\d_]+", sender)} | (_POLITE if polite else frozenset())
    return all(_is_quiet(match, part, own) for part in (before, rest) for match in re.finditer(r"[^\W_][\w'’-]*", part))


def _is_quiet(match: re.Match[str], sentence: str, own: set[str]) -> bool:
    word = match.group().replace("’", "'")
    bare = word.casefold().removesuffix("'s")
    if bare in _QUIET or bare in own or _CLASS.fullmatch(word):
        return True
    return word[0].isupper() and (
        _IS_PARENT.match(sentence, match.end()) is not None or _BEFORE_A_NAME.search(sentence[: match.start()]) is not None
    )
