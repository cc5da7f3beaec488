"""Names as a British school has them: apostrophes, hyphens, accents, several words. Few enough that some are alike."""


def _listed(names: str) -> list[str]:
    return [name.strip() for name in names.split(",")]


GIVEN = _listed("""
Ada,Aisha,Alex,Amir,Amy,Anna,Ben,Beth,Bilal,Callum,Cara,Chloe,Dan,Daisy,Dev,Eilidh,Ella,Emma,Erin,Ethan,Farah,Finn,Freya,George,Grace,
Hana,Harry,Hassan,Holly,Ibrahim,Imran,Isla,Jack,James,Jane,Joe,Kate,Kofi,Lena,Leo,Liam,Lucy,Mark,Mary,Maya,Meera,Mia,Mo,Nadia,Nia,Noah,
Olga,Olu,Oscar,Paul,Priti,Rhys,Robin,Rosa,Ruth,Ryan,Sam,Sana,Sarah,Sean,Sofia,Tariq,Tess,Tom,Uma,Vera,Will,Yusuf,Zack,Zara,Zoë,Siân,René,
Chloé
""")
FAMILIES = _listed("""
Adams,Ahmed,Ali,Begum,Bell,Brown,Chen,Clark,Cole,Cox,Cruz,Davies,Dixon,Evans,Fox,Gill,Grant,Green,Hall,Hill,Hughes,Hussain,Islam,Jones,
Kaur,Khan,King,Lee,Lewis,Lloyd,Mason,Mistry,Moore,Morgan,Murphy,Nowak,Owen,Patel,Price,Quinn,Rahman,Reid,Rossi,Roy,Shah,Shaw,Silva,Singh,
Smith,Stone,Taylor,Walsh,Ward,White,Wood,Wright,Yilmaz,Young,Zhang,Núñez,Jørgensen,O'Brien,O’Neill,Smith-Jones,Van der Berg,St John
""")
