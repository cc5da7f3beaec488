"""What a whole message is about: its sender, or somebody else. Asked where a Twitter name stands in it without a word of whose it is."""

import re

# That it warns, asks, or speaks for somebody else. Narrower than what is looked for in the name's own sentence: families write at length.
_WARNS = (
    r"stranger|somebody|someone|worr(?:y|ied|ying|ies)|concern(?:s|ed)?|fake|hack\w{0,3}|cloned|copied|stol\w{1,3}"
    r"|pretend\w{0,4}|impost[eo]r\w?"
    r"|imperson\w{1,8}|suspicious|scam\w{0,4}|creepy|weird|odd|rude|beware|wary|careful|report(?:ed|ing)?|block(?:ed)?|refuse"
    r"|decline|reject"
    r"|remove|unfollow|frighten\w{0,3}|scar(?:ed?|es|y|ing)|afraid|threat\w{0,6}|harass\w{0,4}|stalk\w{0,3}|bull(?:y|ie)\w{0,3}"
    r"|dangerous|crying"
    r"|police|court|orders?|injunction|solicitor|social (?:worker|services)|safeguarding|complain\w{0,3}|(?:no|any) contact"
    r"|keeps? \w{2,12}ing|keep (?:him|her|them|out|an eye)|take \w{2,6} off|get rid|watch|never heard|look out for"
    r"|(?:do\s?n[o'’]?t|do not|not|never) (?:let|accept|add|allow|approve|recogni[sz]e)|must\s?n[o'’]t|should\s?n[o'’]t|(?:must"
    r"|should|may) not"
    r"|(?:not|isn['’]?t) (?:me|us|mine|ours|my|our)\b|messag(?:ing|es|ed) (?:my|our|the)|he|him|hers|his"
    r"|(?:an?|this|that|the|these|those|another|older|bad) (?:man|woman|lady|boy|girl|lad|guy|bloke|person|people)"
    r"|(?:this|that|these|those) (?:twitter )?(?:accounts?|handles?|profiles?|users?|ones?)|account (?:which|that"
    r"|who) (?:is|has|keeps|was)"
)
_ASKS = (
    r"who|whose|do (?:you|any of you) know|have you (?:seen|heard of|let)|which of"
    r"|(?:is|are) (?:this|it|that|these|they) (?:you|yours|one of|the school|your|an?|the real|real)"
)
_KIN = (
    r"husbands?|wife|partners?|boyfriend|girlfriend|fianc\w{1,2}|friends?|mates?|neighbou?rs?|colleagues?|boss|landlord|lodger"
    r"|tenant|ex|ex-\w{2,10}"
    r"|child\s?minder|nanny|baby\s?sitter|au pair|cousins?|uncle|aunt\w{0,3}|nan|nana|gran|granny|grand(?:ma|pa|ad|dad|mother"
    r"|father|parents)"
    r"|step[ -]?(?:mum|dad|mother|father|parents?|brother|sister|son|daughter)|\w{3,8}[ -]in[ -]law|(?:my|our) (?:(?:own"
    r"|dear|big|little|older|younger) )?(?:mum|mummy|dad|daddy|mother"
    r"|father|brother|sister)"
)
_FOR_OTHERS = (
    r"on behalf|pass(?:ing|ed)? (?:\w{2,10} ){0,3}on|of mine|(?:for|from) (?:mrs|mr|ms|miss|another|a)|one (?:more|of the)|another"
    r"|(?<!\byou )(?<!school )(?<!office )(?:asked|told|gave) me"
    r"|(?:accept|approve|add|let|allow|admit) (?:(?:my|our) (?!own|new|request|follow|account|twitter|name|user|handle|apolog"
    r"|thanks)|his|her|mrs|mr|ms|miss)"
)
# In other languages: not, strangers and danger, and whom families speak of.
_FOREIGN_WARNS = (
    r"nicht|kein\w{0,2}|vorsicht|achtung|gefährlich|blockier\w{1,3}|fremd\w{1,3}|(?:ex-?)?mann|frau|schwester|bruder"
    r"|freund\w{0,3}|nachbar\w{0,2}|oma|opa"
    r"|pas|attention|méfi\w{1,5}|inqui\w{2,6}|dangereux|bloque\w{0,3}|refuse\w|mari|femme|s(?:œ|oe)ur|frère|amie?|voisine?"
    r"|inconnu\w?|belle-mère|grand-mère"
    r"|cuidado|peligros\w|preocupad\w|desconocid\w|marido|espos[oa]|herman[oa]|amig[oa]|abuel[oa]|vecin[oa]|não|irmão?ã?|avó"
    r"|perigos\w|estranho"
    r"|nie|uwaga|niebezpieczn\w|zablok\w{1,8}|obcy|mąż|żona|siostra|brat|babcia|dziadek|sąsiad\w{0,2}|znajom\w{1,2}"
    r"|не|ні|чоловік|дружина|сестра|брат|бабуся|друг|сусід|небезпечн\w{1,2}|заблок\w{1,6}|муж|жена|бабушка|сосед|опасн\w{1,4}"
    r"|لا|ليس|زوجي|أخي|أختي|صديقي|احذر\w{0,2}|نہیں|شوہر|بھائی|بہن|بلاک"
)
_IS_ABOUT_OTHERS = re.compile(rf"\b(?:{_WARNS}|{_ASKS}|{_KIN}|{_FOR_OTHERS}|{_FOREIGN_WARNS})\b", re.I)
# What says that a message is the sender's own request: to follow, to be let in, or whose parent writes.
_FOR_ONESELF = re.compile(
    r"\b(?:i|we)(?:['’](?:d|m|re|ve|ll))?\b[^.?!\n]{0,40}\b(?:to follow|to join|to be (?:added|accepted)|requested|request"
    r"|clicked|pressed)\b"
    r"|\b(?:can|could|may) (?:i|we)\b(?: please)? (?:follow|join|be|get|have)\b"
    r"|\b(?:accept|approve|add|let|allow|admit|confirm|verify) (?:me|us|(?:my|our) (?:\w+ )?(?:request|account))\b"
    r"|\b(?:my|our) (?:own |new |full )?(?:twitter|x|user\s?name|handle|name|details|request|follow request)\b"
    r"|\b(?:mum|mummy|dad|daddy|mother|father|parents?|carer|guardian|nan|grandmother|grandfather) (?:of|to) (?:(?-i:[A-Z])|my"
    r"|two|three|twins)"
    r"|\b(?:i am|i['’]?m|im|this is|it['’]?s) [\w'’-]{2,15}(?: [\w'’-]{2,15})?['’]?s (?:mum|mummy|dad|daddy|mother|father"
    r"|parent|carer|guardian)\b"
    r"|\b(?:child|pupil|student|son|daughter|children)(?:['’]?s)?(?: (?:full )?names?)?\s?[:=–-]"
    r"|\b(?:is|are|starts?) in (?:year|yr|y\d|class|reception|nursery|\d)"
    r"|\b(?-i:[A-Z]\w+,? \(?(?:\d{1,2}[A-Z]|Y\d{1,2}|Year \d{1,2}|Reception)\b)"
    r"|\b(?:is|are) (?:my|our) (?:son|daughter|child|children|kids|boys|girls)\b"
    r"|\b(?:my|our) (?:son|daughter|child) is (?:called )?(?-i:[A-Z])",
    re.I,
)
# Kin that the sender is, or writes together with: "I am Ada's nan", "my husband and I".
_SENDER_AS_KIN = re.compile(
    rf"\b(?:i am|i['’]?m|im|we are|we['’]re|as)(?: (?:the|also|[\w'’-]{{2,15}}['’]s|her|his|their)){{0,2}} (?:{_KIN})\b"
    rf"|\b(?:my|our) (?:husband|wife|partner) (?:and|&) (?:i|me|myself)\b|\b(?:me|i|myself) and my (?:husband|wife|partner)\b",
    re.I,
)
# What stands in a message and is not its sender's words: addresses, other names, and what is quoted.
_NOT_SAID = re.compile(
    r"https?://\S{1,200}|\S{1,64}@[\w.-]{1,100}|@\w{1,30}|(?m:^>.{0,600}$)|(?m:^On .{1,120} wrote:$)"
    r"|(?i:not too much trouble|to whom it may concern)"
    r"|(?m:^--\s?$)[\s\S]{0,600}"
)


def said_by_the_sender(message: str) -> str:
    return _NOT_SAID.sub(" ", message)


def is_about_others(message: str) -> bool:
    """Whether a message warns, asks, or speaks for somebody else. One word of it is enough: a colleague then asks whose the name is."""
    return _IS_ABOUT_OTHERS.search(_SENDER_AS_KIN.sub(" ", message)) is not None


def is_for_oneself(message: str) -> bool:
    return _FOR_ONESELF.search(message) is not None
