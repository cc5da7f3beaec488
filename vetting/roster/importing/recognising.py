"""Who of the list is whom of the register. Pure.

An adult is, in this order: the same number with the same first name and surname (or with an initial that an e-mail or a child
bears out for nobody else); the same e-mail and a name that agrees; the same name and the same child. Numbers are given out
anew when a school changes its system, so a number alone proves nothing. Whatever else resembles somebody we know is a
question for a person, never a guess.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

from vetting.roster.importing.gathering import Gathered, ListedPerson, ListedPupil, mailbox_of
from vetting.roster.importing.names import compatible, folded, given_names_agree, same_given_name
from vetting.roster.importing.register import KnownPerson, KnownPupil, Register

SAME, DIFFERENT = "same", "different"
Answers = Mapping[str, str]
# Of the numbers that list and register have in common, so many may stand for other names before none is believed.
_CONFLICTS_THAT_MEAN_NEW_NUMBERS = 0.05


def recognise(gathered: Gathered, register: Register, answers: Answers, *, takes_dates_back: bool) -> None:
    """Set `known` on every child and adult of the list that is somebody of the register, and `question` where a person must say."""
    if not register.pupils and not register.people:
        return
    _Pupils(gathered, register, answers, takes_dates_back=takes_dates_back).recognise()
    _People(gathered.people, register.people, answers).recognise()


class _Pupils:
    """The children of a list beside those of the register."""

    def __init__(self, gathered: Gathered, register: Register, answers: Answers, *, takes_dates_back: bool) -> None:
        self._listed = gathered.pupils
        self._takes_dates_back = takes_dates_back
        self._answers = answers
        self._by_id = {pupil.source_id: pupil for pupil in register.pupils if pupil.source_id}
        self._register = register
        self._people = gathered.people
        self._claimed: set[int] = set()

    # What follows is needed only for children whom the number does not settle: in most lists, nobody.

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], list[KnownPupil]]:
        found: dict[tuple[str, str], list[KnownPupil]] = defaultdict(list)
        for pupil in self._register.pupils:
            found[folded(pupil.given), folded(pupil.family)].append(pupil)
        return found

    @cached_property
    def _by_family(self) -> dict[str, list[KnownPupil]]:
        found: dict[str, list[KnownPupil]] = defaultdict(list)
        for pupil in self._register.pupils:
            found[folded(pupil.family)].append(pupil)
        return found

    @cached_property
    def _adults_of_known(self) -> dict[int, list[KnownPerson]]:
        found: dict[int, list[KnownPerson]] = defaultdict(list)
        for person in self._register.people:
            for child in (*person.children, *person.former_children):
                found[child].append(person)
        return found

    @cached_property
    def _adults_of_listed(self) -> dict[int, list[ListedPerson]]:
        found: dict[int, list[ListedPerson]] = defaultdict(list)
        for adult in self._people:
            for link in adult.links:
                found[id(link.pupil)].append(adult)
        return found

    def recognise(self) -> None:
        numbered = conflicts = 0
        for pupil in self._listed:
            entry = self._by_id.get(pupil.row.pupil_id)
            if entry is None:
                continue
            numbered += 1
            if _pupil_names_agree(pupil, entry) and (_same_given_name(pupil, entry) or self._means_nobody_else(pupil, entry)):
                self._claim(pupil, entry)
            else:
                conflicts += 1
        renumbered = conflicts > numbered * _CONFLICTS_THAT_MEAN_NEW_NUMBERS and conflicts > 1
        for pupil in self._listed:
            if pupil.known is None:
                self._by_likeness(pupil)
        for pupil in self._listed:
            entry = self._by_id.get(pupil.row.pupil_id)
            if entry is not None and pupil.known is None and not pupil.question and entry.pk not in self._claimed:
                self._by_number_alone(pupil, entry, renumbered=renumbered)
        for pupil in self._listed:
            self._look_for_a_return(pupil)

    def _claim(self, pupil: ListedPupil, entry: KnownPupil) -> None:
        if entry.pk in self._claimed:
            pupil.question = f"{pupil.name} and another entry of the list both look like {entry.name}. Are they the same?"
            return
        self._claimed.add(entry.pk)
        pupil.known = entry

    def _by_likeness(self, pupil: ListedPupil) -> None:
        """The one child of that name. Where numbers differ, the class or an adult must agree as well."""
        row = pupil.row
        candidates = [
            one for one in self._by_name.get((folded(row.pupil_given), folded(row.pupil_family)), ()) if one.pk not in self._claimed
        ]
        if not candidates:
            return
        fitting = [
            one
            for one in candidates
            if not (row.pupil_id and one.source_id)
            or (one.year, one.class_name) == (row.year, row.class_name)
            or self._share_an_adult(pupil, one)
        ]
        same_class = [entry for entry in fitting if entry.class_name == row.class_name]
        found = same_class if len(same_class) == 1 else fitting
        if len(found) == 1:
            self._claim(pupil, found[0])
            return
        groups = " or ".join(one.year or "no year" for one in candidates)
        self._ask(pupil, candidates[0], f"Is this the {pupil.name} of the register ({groups})?", several=len(candidates) > 1)

    def _share_an_adult(self, pupil: ListedPupil, entry: KnownPupil) -> bool:
        known = self._adults_of_known.get(entry.pk, ())
        return any(compatible(adult.full_name, one.full_name) for adult in self._adults_of_listed.get(id(pupil), ()) for one in known)

    def _bears_out(self, pupil: ListedPupil, entry: KnownPupil) -> bool:
        group = (pupil.row.year, pupil.row.class_name)
        return self._share_an_adult(pupil, entry) or (any(group) and group == (entry.year, entry.class_name))

    def _means_nobody_else(self, pupil: ListedPupil, entry: KnownPupil) -> bool:
        """An adult or the class bears it out, and no other child whom the name may mean."""
        namesakes = self._by_family[folded(pupil.row.pupil_family)]
        others = [one for one in namesakes if one is not entry and _pupil_names_agree(pupil, one)]
        return self._bears_out(pupil, entry) and not any(self._bears_out(pupil, one) for one in others)

    def _by_number_alone(self, pupil: ListedPupil, entry: KnownPupil, *, renumbered: bool) -> None:
        """A name may change while the number stays; the one part of it that did not must be borne out by an adult or the class."""
        one_part = given_names_agree(pupil.row.pupil_given, entry.given) or folded(pupil.row.pupil_family) == folded(entry.family)
        if one_part and self._means_nobody_else(pupil, entry) and not renumbered:
            self._claim(pupil, entry)
            return
        self._ask(pupil, entry, f"The number {pupil.row.pupil_id} belongs to {entry.name} in the register.")

    def _ask(self, pupil: ListedPupil, entry: KnownPupil, sentence: str, *, several: bool = False) -> None:
        answer = self._answers.get(pupil.key)
        if answer == SAME and not several and entry.pk not in self._claimed:
            self._claim(pupil, entry)
        elif answer != DIFFERENT:
            pupil.question, pupil.candidate, pupil.asked = sentence, entry, pupil.key

    def _look_for_a_return(self, pupil: ListedPupil) -> None:
        known = pupil.known
        if known is None or not known.left_on or pupil.row.left_on or pupil.question:
            return
        if not known.has_left:
            # The day is still to come: a list that no longer has it takes it back before it does harm.
            pupil.returned = known.left_by_list and self._takes_dates_back
            return
        # What one list said a complete one may take back; what a person said only a person.
        if (known.left_by_list and self._takes_dates_back) or self._answers.get(pupil.key_of_return) == SAME:
            pupil.returned = True
            return
        if self._answers.get(pupil.key_of_return) == DIFFERENT:
            pupil.stays_left = True
            return
        pupil.question = f"{pupil.name} is marked as left on {known.left_on:%-d %b %Y} but stands on this list."
        pupil.candidate, pupil.asked = known, pupil.key_of_return


class _People:
    """The adults of a list beside those of the register; the children have been recognised."""

    def __init__(self, listed: Sequence[ListedPerson], known: Sequence[KnownPerson], answers: Answers) -> None:
        self._listed = listed
        self._answers = answers
        self._by_id = {person.source_id: person for person in known if person.source_id}
        self._known = known
        self._claimed: set[int] = set()

    # As above: needed only for adults whom the number does not settle.

    @cached_property
    def _by_mailbox(self) -> dict[str, list[KnownPerson]]:
        found: dict[str, list[KnownPerson]] = defaultdict(list)
        for person in self._known:
            for address in person.addresses:
                found[mailbox_of(address)].append(person)
        return found

    @cached_property
    def _by_child(self) -> dict[int, list[KnownPerson]]:
        found: dict[int, list[KnownPerson]] = defaultdict(list)
        for person in self._known:
            for child in (*person.children, *person.former_children):
                found[child].append(person)
        return found

    @cached_property
    def _by_name(self) -> dict[str, list[KnownPerson]]:
        found: dict[str, list[KnownPerson]] = defaultdict(list)
        for person in self._known:
            found[folded(person.family)].append(person)
        return found

    def recognise(self) -> None:
        conflicts = []
        for person in self._listed:
            entry = next((self._by_id[number] for number in person.numbers if number in self._by_id), None)
            if entry is None or person.question:
                continue
            if person.full_name == entry.full_name or self._is_named_or_borne_out(person, entry):
                self._claim(person, entry)
            else:
                conflicts.append((person, entry))
        for person in self._listed:
            if person.known is None and not person.question:
                self._by_likeness(person)
        renumbered = len(conflicts) > max(1, len(self._claimed) * _CONFLICTS_THAT_MEAN_NEW_NUMBERS)
        for person, entry in conflicts:
            if person.known is None and not person.question and entry.pk not in self._claimed:
                self._by_number_alone(person, entry, renumbered=renumbered)
        for person in self._listed:
            if person.known is None and not person.question:
                self._look_for_a_namesake(person)

    def _claim(self, person: ListedPerson, entry: KnownPerson) -> None:
        if entry.pk in self._claimed:
            person.question = f"{person.name} and another entry of the list both look like {entry.name}. Are they the same?"
            return
        self._claimed.add(entry.pk)
        person.known = entry

    def _is_named_or_borne_out(self, person: ListedPerson, entry: KnownPerson) -> bool:
        """The same first name beside the same number; an initial only with an e-mail or a child that fits nobody else of that name."""
        if not compatible(person.full_name, entry.full_name):
            return False
        if same_given_name(person.row.given, entry.given):
            return True
        return _bears_out(person, entry) and not self._may_be_another(person, entry)

    def _may_be_another(self, person: ListedPerson, entry: KnownPerson) -> bool:
        namesakes = self._by_name[folded(person.row.family)]
        return any(one is not entry and compatible(person.full_name, one.full_name) and _bears_out(person, one) for one in namesakes)

    def _by_likeness(self, person: ListedPerson) -> None:
        """By e-mail and name, else by name and child. Somebody whom the list names by number elsewhere is at most a question."""
        namesakes = self._by_name.get(folded(person.row.family))
        if not namesakes:
            return
        behind = [one for address in person.addresses for one in self._by_mailbox.get(mailbox_of(address), ())]
        found = list(dict.fromkeys(one for one in behind if compatible(person.full_name, one.full_name)))
        if not found:
            here = {link.pupil.known.pk for link in person.links if link.pupil.known}
            given = folded(person.row.given)
            found = [
                one for one in namesakes if folded(one.given) == given and (here & one.children.keys() or here & one.former_children.keys())
            ]
        if len(found) == 1 and found[0].pk not in self._claimed:
            self._claim(person, found[0])
        elif found:
            says = f"Is {person.name} the same as {found[0].name}? They share an e-mail or a child, but not the number."
            self._ask(person, found[0], says)

    def _by_number_alone(self, person: ListedPerson, entry: KnownPerson, *, renumbered: bool) -> None:
        """A surname may change while the number stays: the first name must agree, and an e-mail or a child bear it out."""
        borne_out = _bears_out(person, entry) and not self._may_be_another(person, entry)
        if given_names_agree(person.row.given, entry.given) and borne_out and not renumbered:
            self._claim(person, entry)
            return
        number = next(one for one in person.numbers if one == entry.source_id)
        self._ask(person, entry, f"The number {number} belongs to {entry.name} in the register; the list says {person.name}.")

    def _look_for_a_namesake(self, person: ListedPerson) -> None:
        if self._answers.get(person.key) == DIFFERENT:
            return
        # First whoever shares more than the name: one answer settles both questions, and a namesake must not hide somebody who married.
        self._look_for_another_surname(person)
        if person.known is not None or person.question:
            return
        for one in self._by_name.get(folded(person.row.family), ()):
            if one.pk not in self._claimed and compatible(person.full_name, one.full_name):
                says = f"Is {person.name} the {one.name} of the register? Neither the number nor the e-mail and child agree."
                self._ask(person, one, says)
                return

    def _look_for_another_surname(self, person: ListedPerson) -> None:
        """The same first name with the same e-mail or child: perhaps somebody who married or parted, and nobody new."""
        near = [one for address in person.addresses for one in self._by_mailbox.get(mailbox_of(address), ())]
        near += [one for link in person.links if link.pupil.known for one in self._by_child.get(link.pupil.known.pk, ())]
        given = folded(person.row.given)
        for one in near:
            if given and folded(one.given) == given and one.pk not in self._claimed:
                says = f"Is {person.name} the same as {one.name}? They share an e-mail or a child, but not the surname."
                self._ask(person, one, says)
                return

    def _ask(self, person: ListedPerson, entry: KnownPerson, sentence: str) -> None:
        answer = self._answers.get(person.key)
        if answer == SAME and entry.pk not in self._claimed:
            self._claim(person, entry)
        elif answer != DIFFERENT:
            person.question, person.candidate, person.asked = sentence, entry, person.key


def _bears_out(person: ListedPerson, entry: KnownPerson) -> bool:
    """Whether an e-mail or a child that the list has beside somebody is theirs in the register as well."""
    shared = {mailbox_of(address) for address in person.addresses} & {mailbox_of(address) for address in entry.addresses}
    here = {link.pupil.known.pk for link in person.links if link.pupil.known}
    return bool(shared or here & entry.children.keys())


def _same_given_name(pupil: ListedPupil, entry: KnownPupil) -> bool:
    return same_given_name(pupil.row.pupil_given, entry.given)


def _pupil_names_agree(pupil: ListedPupil, entry: KnownPupil) -> bool:
    row = pupil.row
    if row.pupil_given == entry.given and row.pupil_family == entry.family:
        return True
    return folded(row.pupil_family) == folded(entry.family) and given_names_agree(row.pupil_given, entry.given)
