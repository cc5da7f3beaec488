"""The two ways the product says no, each carrying the sentence a person reads."""


class BadValue(ValueError):
    """What came in from outside is not what it claims to be.

    `sentence` is written for the person who can put it right and never repeats personal data beyond what they
    typed themselves.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Refused(Exception):
    """A rule of the house forbids this action now. Operations raise subclasses; views show `sentence`."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
