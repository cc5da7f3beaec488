"""Names of families, by where they come from. Short forms and spellings are our own list, not the one that matching knows."""

from dataclasses import dataclass
from random import Random


def words(text: str) -> list[str]:
    return text.split()


# name | mothers | fathers | children | surnames. Where "=" follows a name, it is how the family writes it in its own letters.
_LISTS = """
en_GB | Sarah Emma Claire Rebecca Joanne Nicola Helen Karen Tracey Louise Gemma Hayley Kirsty Samantha Victoria Elizabeth Margaret Jennifer
 Katherine Deborah Susan Amanda Kelly Natalie Charlotte Zoe Beverley Lynn Paula Heather
 | David Paul Mark Andrew James Stephen Robert Christopher Michael Richard Matthew Daniel Anthony Jonathan Gareth Stuart Philip Nicholas
 Kevin Ian Neil Simon Graham Timothy Gregory Edward Darren Lee Craig Martin
 | Oliver Amelia Harry Isla Jack Poppy George Evie Alfie Freya Archie Ruby Theo Daisy Reuben Martha Finley Elsie Toby Maisie
 | Smith Jones Taylor Brown Wilson Evans Thomas Roberts Walker Wright Robinson Thompson White Hughes Edwards Green Hall Wood Harris Clarke
 Jackson Turner Hill Scott Cooper Morris Ward Moore King Baker Pemberton Fairweather Oakes Trevelyan Sidebottom Hargreaves Winterbourne
 Rowntree Gillespie Lockwood
en_IE | Siobhan Aoife Niamh Orla Sinead Grainne Roisin Caoimhe Deirdre Maeve
 | Padraig Eoin Ciaran Declan Cormac Donal Fergal Liam Ronan Brendan
 | Cillian Saoirse Oisin Fiadh Tadhg Ailbhe
 | O'Brien O'Sullivan Murphy Kelly Byrne Ryan Doyle McCarthy Gallagher Kavanagh Mac-Namara Fitzgerald
pl_PL | Katarzyna Małgorzata Agnieszka Joanna Ewa Aleksandra Magdalena Monika Zofia Wiktoria Justyna Beata
 | Piotr Krzysztof Andrzej Tomasz Paweł Michał Marcin Grzegorz Wojciech Łukasz Jakub Rafał
 | Jan Zuzanna Antoni Lena Franciszek Hanna Szymon Maja
 | Nowak Kowalski Wiśniewski Wójcik Kamiński Lewandowski Zieliński Szymański Woźniak Dąbrowski Kozłowski Jankowski
uk_UA | Olena=Олена Oksana=Оксана Nataliia=Наталія Iryna=Ірина Svitlana=Світлана Yuliia=Юлія Tetiana=Тетяна Kateryna=Катерина
 Hanna=Ганна Mariia=Марія
 | Andrii=Андрій Oleksandr=Олександр Serhii=Сергій Volodymyr=Володимир Mykola=Микола Dmytro=Дмитро Yevhen=Євген Ihor=Ігор
 Taras=Тарас Bohdan=Богдан
 | Sofiia=Софія Danylo=Данило Polina=Поліна Maksym=Максим Zlata=Злата Artem=Артем
 | Shevchenko=Шевченко Kovalenko=Коваленко Bondarenko=Бондаренко Tkachenko=Ткаченко Kravchenko=Кравченко Oliinyk=Олійник
 Lysenko=Лисенко Marchenko=Марченко Polishchuk=Поліщук Hrytsenko=Гриценко
en_IN | Priya Sunita Anjali Kavita Deepa Lakshmi Meena Pooja Rekha Shanti |
 Ravi Suresh Anil Vikram Rajesh Sanjay Arjun Manoj Harpreet Gurpreet
 | Aarav Diya Ishaan Anaya Rohan Kiara | Patel Sharma Singh Kaur Gupta Reddy Nair Iyer Mehta Desai Chatterjee Subramanian
en_PK | Ayesha Fatima Zainab Saima Nadia Rukhsana Bushra Shabana | Mohammed Imran Asif Tariq Usman Bilal Kashif Shahid
 | Zara Hamza Maryam Yusuf Amina Ibrahim | Khan Ahmed Hussain Malik Iqbal Akhtar Mahmood Chaudhry Qureshi Butt
bn_BD | Nasrin Shirin Taslima Farzana Rahima Sultana | Rafiqul Shafiqul Abdul Mizanur Kamal Anwar | Tahmid Nusrat Rafi Sadia
 | Rahman Islam Miah Begum Uddin Chowdhury Hossain Sarkar
pt_PT | Ana Maria Catarina Inês Sofia Beatriz Joana Marta | João Pedro Rui Tiago Nuno Miguel Luís Gonçalo
 | Leonor Martim Matilde Duarte | Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Gonçalves Conceição Magalhães
en_NG | Chioma Ngozi Folake Adaeze Yetunde Blessing Amara Funmilayo | Chukwuemeka Oluwaseun Babatunde Emeka Ifeanyi Tunde Kelechi Obinna
 | Chidi Temi Zainab Ikenna | Okafor Adeyemi Okonkwo Eze Balogun Nwosu Adebayo Ogunleye Obasanjo Nnamdi
ar | Layla=ليلى Mariam=مريم Huda=هدى Amal=أمل Rania=رانيا Samira=سميرة
 | Ahmad=أحمد Omar=عمر Khaled=خالد Youssef=يوسف Mahmoud=محمود Tarek=طارق
 | Salma=سلمى Adam=آدم Nour=نور Karim=كريم | Haddad=حداد Mansour=منصور Al-Masri=المصري Khoury=خوري Nasser=ناصر Saleh=صالح
zh | Mei=美 Xiaoling=小玲 Yan=燕 Hui=慧 Jing=静 Lihua=丽华 | Wei=伟 Jun=军 Ming=明 Qiang=强 Bo=波 Hao=浩
 | Yifan=一凡 Ziyi=子怡 Haoran=浩然 Xinyi=欣怡 | Wang=王 Li=李 Zhang=张 Liu=刘 Chen=陈 Zhao=赵 Huang=黄 Zhou=周
tr | Ayşe Fatma Zeynep Elif Emine Hatice | Mehmet Mustafa Hüseyin İbrahim Çağlar Oğuz | Defne Yiğit Ecrin Kerem
 | Yılmaz Kaya Demir Şahin Çelik Yıldız Öztürk Aydın
ro | Andreea Mihaela Elena Ioana Cristina | Ștefan Ionuț Alexandru Mihai Gheorghe | Matei Ilinca Luca | Popescu Ionescu Popa Dumitru Țurcanu
""".strip()

SHORT = dict(
    pair.split("=")
    for pair in words(
        """
        Katherine=Kate Elizabeth=Liz Margaret=Maggie Rebecca=Becky Susan=Sue Victoria=Vicky Deborah=Debbie Samantha=Sam
        Jennifer=Jenny Amanda=Mandy Natalie=Nat Charlotte=Lottie Joanne=Jo Nicola=Nicky Christopher=Chris Michael=Mike Robert=Bob
        Andrew=Andy Anthony=Tony Matthew=Matt Daniel=Dan James=Jim Richard=Rich Timothy=Tim Gregory=Greg Edward=Ed Nicholas=Nick
        Jonathan=Jon Philip=Phil Gareth=Gaz Katarzyna=Kasia Małgorzata=Gosia Agnieszka=Aga Magdalena=Magda Aleksandra=Ola
        Krzysztof=Krzys Oleksandr=Sasha Kateryna=Katya Volodymyr=Vova Mohammed=Mo Chukwuemeka=Emeka Oluwaseun=Seun Alexandru=Alex
        Abdul=Abs
        """
    )
)
SHARES = {
    "en_GB": 52,
    "en_IE": 4,
    "pl_PL": 8,
    "uk_UA": 7,
    "en_IN": 7,
    "en_PK": 6,
    "bn_BD": 3,
    "pt_PT": 3,
    "en_NG": 3,
    "ar": 3,
    "zh": 2,
    "tr": 1,
    "ro": 1,
}


@dataclass(frozen=True)
class Names:
    """The names of one group, with how they look in its own letters where it has some."""

    mothers: tuple[str, ...]
    fathers: tuple[str, ...]
    children: tuple[str, ...]
    surnames: tuple[str, ...]


NATIVE: dict[str, str] = {}


def _read() -> dict[str, Names]:
    found: dict[str, list[list[str]]] = {}
    for line in _LISTS.split("\n"):
        head, _, rest = line.partition(" | ")
        if "_" in head[:3] or head in ("ar", "zh", "tr", "ro"):
            current = found.setdefault(head, [])
            parts = rest.split("|")
            current.extend(part.split() for part in parts)
        else:
            parts = line.split("|")
            current[-1].extend(parts[0].split())
            current.extend(part.split() for part in parts[1:])
    return {group: Names(*(tuple(_plain(name) for name in part) for part in parts if part)) for group, parts in found.items()}


def _plain(text: str) -> str:
    name, _, native = text.partition("=")
    name = name.replace("Mac-", "Mac ") if name.startswith("Mac-") else name
    if native:
        NATIVE[name] = native
    return name


GROUPS = _read()


def group_of_a_family(rng: Random) -> str:
    return rng.choices(list(SHARES), weights=list(SHARES.values()))[0]


def in_own_letters(*names: str) -> str:
    """The name as its family writes it; "" where any part has no other letters."""
    written = [NATIVE.get(name, "") for name in names]
    return " ".join(written) if all(written) else ""
