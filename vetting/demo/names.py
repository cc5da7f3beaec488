"""First names and surnames of a mixed English town, grouped by the communities a family may come from. All invented pairings."""

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True)
class Community:
    """Name lists that belong together. `share` is its weight among the town's families; no figure of any real town."""

    share: int
    women: tuple[str, ...]
    men: tuple[str, ...]
    girls: tuple[str, ...]
    boys: tuple[str, ...]
    surnames: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ENGLISH = Community(
    54,
    _words(
        "Sarah Claire Emma Laura Rebecca Gemma Kelly Hannah Rachel Joanne Lisa Amy Nicola Stacey Charlotte Louise Katie Jodie Helen Kirsty"
        " Natalie Zoe Leanne Victoria Samantha Michelle Donna Becky Tanya Abigail Frances Harriet Lindsay Rosie Heather Jenny"
    ),
    _words(
        "Daniel Mark Paul James Matthew Christopher Lee Andrew Stephen Ryan Adam Craig Ben Simon Gareth Thomas Robert Darren Jonathan Scott"
        " Michael Karl Dean Neil Stuart Peter Luke Martin Alan Ross"
    ),
    _words(
        "Olivia Ava Isla Poppy Lily Freya Ivy Evie Florence Willow Daisy Elsie Phoebe Sienna Matilda Rosie Harriet Grace Molly Erin Millie"
        " Maisie Orla Nancy Bonnie Heidi Penny Lottie Tilly Edith"
    ),
    _words(
        "Oliver George Arthur Noah Harry Freddie Archie Alfie Theo Finley Jack Oscar Henry Charlie Tommy Albie Ronnie Jude Reuben Toby Max"
        " Ethan Logan Stanley Rory Frankie Louie Jasper Callum Bobby"
    ),
    _words(
        "Bennett Fletcher Marsh Holloway Whitfield Garner Thornton Pickering Ashworth Barlow Chadwick Dawson Ellison Farrow Goodwin Hartley"
        " Ingham Jarvis Kershaw Latham Mellor Naylor Ormerod Pearce Radcliffe Salter Tattersall Underwood Varley Wainwright Yardley Booth"
        " Carver Dobson Eccles Foster Gledhill Haworth Knowles Lister Moss Nuttall Openshaw Platt Rigby Shipley Tranter Wickham"
    ),
)
PUNJABI_AND_URDU = Community(
    12,
    _words("Ayesha Saima Nadia Farah Shazia Rabia Bushra Samina Hina Maryam Zainab Uzma Noreen Sadia"),
    _words("Imran Asif Tariq Naveed Kashif Adnan Waseem Bilal Faisal Zahid Usman Shahid"),
    _words("Aisha Zara Hafsa Amina Inaya Maryam Safa Eshal Anaya Zoya"),
    _words("Mohammed Yusuf Ibrahim Hamza Zayn Musa Ismail Rayan Adam Haris"),
    _words("Hussain Khan Ahmed Mahmood Akhtar Iqbal Malik Rafiq Shah Bashir Aslam Nawaz"),
)
BENGALI = Community(
    5,
    _words("Rumana Nasima Shirin Taslima Farhana Salma"),
    _words("Abdul Rezaul Shafiqul Kamal Jahid Mizanur"),
    _words("Tahmina Nabila Sumaiya Ruqayyah Labiba"),
    _words("Tahmid Sami Rafi Nafis Ayaan"),
    _words("Begum Miah Uddin Chowdhury Rahman Islam"),
)
GUJARATI_AND_HINDI = Community(
    6,
    _words("Meera Hetal Nisha Bhavna Reena Kavita Sonal"),
    _words("Nilesh Rakesh Amit Jignesh Vikram Sunil"),
    _words("Anika Diya Riya Kavya Myra Saanvi"),
    _words("Arjun Rohan Dev Aarav Krish Veer"),
    _words("Patel Desai Mistry Solanki Parmar Joshi Chauhan"),
)
POLISH = Community(
    8,
    _words("Agnieszka Katarzyna Monika Joanna Magdalena Dorota Ewelina Justyna Małgorzata"),
    _words("Piotr Tomasz Marcin Paweł Krzysztof Rafał Mariusz"),
    _words("Zuzanna Lena Maja Hania Oliwia Alicja Pola"),
    _words("Jakub Antoni Filip Kacper Szymon Igor Leon"),
    _words("Nowak Wójcik Kamiński Zieliński Mazur Król Wieczorek Pawlak Dudek"),
)
UKRAINIAN = Community(
    2,
    _words("Oksana Iryna Nataliia Olena Svitlana"),
    _words("Andriy Serhiy Dmytro"),
    _words("Sofiia Daryna Solomiia"),
    _words("Maksym Danylo Tymofiy"),
    _words("Kovalenko Shevchuk Bondar Melnyk"),
)
WEST_AFRICAN = Community(
    7,
    _words("Ngozi Abena Folake Chioma Adwoa Funmi Blessing Efua"),
    _words("Emeka Kwame Tunde Chidi Kofi Segun Yaw"),
    _words("Temi Adaeze Ama Zuri Kemi Nana"),
    _words("Kelechi Kwesi Tobi Ade Jeremiah Ezra"),
    _words("Adeyemi Mensah Eze Owusu Balogun Boateng Nwosu Asante"),
)
CARIBBEAN = Community(
    4,
    _words("Simone Marcia Keisha Yvette Shanice"),
    _words("Delroy Marlon Jermaine Errol Leroy"),
    _words("Amelia Nevaeh Tiana Skye"),
    _words("Malachi Elijah Tyrell Isaiah"),
    _words("Campbell Grant Francis Gordon Bailey Morrison"),
)
CHINESE = Community(
    2,
    _words("Mei Ling Xiu Wai"),
    _words("Wei Jun Ming Chi"),
    _words("Chloe Yan Jasmine"),
    _words("Jayden Hao Lucas"),
    _words("Chan Wong Lau Cheung"),
)

COMMUNITIES: tuple[Community, ...] = (
    ENGLISH,
    PUNJABI_AND_URDU,
    BENGALI,
    GUJARATI_AND_HINDI,
    POLISH,
    UKRAINIAN,
    WEST_AFRICAN,
    CARIBBEAN,
    CHINESE,
)
SHORT_FORMS = {
    "Sarah": "Saz",
    "Rebecca": "Becky",
    "Samantha": "Sam",
    "Victoria": "Vicky",
    "Christopher": "Chris",
    "Matthew": "Matt",
    "Daniel": "Dan",
    "Stephen": "Steve",
    "Michael": "Mike",
    "Jonathan": "Jon",
    "Katarzyna": "Kasia",
    "Magdalena": "Magda",
    "Małgorzata": "Gosia",
    "Agnieszka": "Aga",
    "Nataliia": "Natalie",
    "Charlotte": "Charlie",
    "Thomas": "Tom",
    "Robert": "Rob",
}


def letters_of(name: str) -> str:
    """`Małgorzata` -> `malgorzata`: what people type where only plain letters are allowed."""
    plain = unicodedata.normalize("NFKD", name.replace("ł", "l").replace("Ł", "L"))
    return "".join(letter for letter in plain.lower() if letter.isascii() and letter.isalnum())
