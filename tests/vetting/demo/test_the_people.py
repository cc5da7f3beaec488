"""The invented school itself, before anything is loaded."""

import collections
import csv
import io
from datetime import date

from vetting.demo.people import CLASSES, YEARS, make_people
from vetting.demo.roster_files import LOGIN_PAGE, full_list, list_with_joiners

EXAMPLE_HOSTS = ("example.org", "example.com", "example.net")


def test_the_school_has_the_promised_numbers():
    people = make_people()

    assert collections.Counter(child.year for child in people.pupils()) == dict.fromkeys(YEARS, 30)
    assert len(list(people.adults())) == 240
    assert len(people.leavers()) == 3
    assert sum(adult.court_order for adult in people.adults()) == 1


def test_one_seed_makes_one_school_and_another_seed_another():
    assert make_people(7) == make_people(7)
    assert make_people(7) != make_people(8)


def test_families_have_siblings_separated_parents_shared_mailboxes_and_missing_addresses():
    people = make_people()
    current = [family for family in people.families if not family.has_left]
    owners = collections.Counter(adult.address for adult in people.parents() if adult.address)

    assert sum(len(family.children) > 1 for family in current) >= 30
    assert sum(any(not adult.lives_with_child for adult in family.adults) for family in current) >= 5
    assert sum(count == 2 for count in owners.values()) >= 3
    assert max(owners.values()) == 2
    assert sum(not adult.address for adult in people.parents()) >= 8
    assert sum(any(c.left for c in f.children) and not f.has_left for f in people.families) == 1, "somebody is kept by a sibling"


def test_nobody_bears_the_whole_name_of_somebody_else():
    people = make_people()
    names = [f"{child.given} {child.family}" for family in people.families for child in family.children]
    names += [adult.name for adult in people.adults()] + [adult.name for family in people.leavers() for adult in family.adults]

    assert [name for name, count in collections.Counter(names).items() if count > 1] == []


def test_every_invented_address_lies_in_a_domain_reserved_for_examples():
    people = make_people()
    for adult in (*people.adults(), *(adult for family in people.leavers() for adult in family.adults)):
        host = adult.address.rpartition("@")[2]
        assert not host or host.endswith(EXAMPLE_HOSTS), adult.address


def test_the_list_names_every_child_with_every_contact_once():
    people = make_people()
    rows = list(csv.DictReader(io.StringIO(full_list(people).decode("utf-8-sig"))))

    assert len({row["Pupil ID"] for row in rows}) == 214, "210 on roll and four who will have left"
    pairs = collections.Counter((row["Pupil ID"], row["Contact ID"]) for row in rows)
    assert max(pairs.values()) == 1
    assert {row["Reg Group"] for row in rows} == set(CLASSES.values())


def test_the_later_list_gives_the_four_leavers_their_date():
    rows = list(csv.DictReader(io.StringIO(full_list(make_people(), left_on=date(2026, 10, 2)).decode("utf-8-sig"))))

    assert {row["Pupil ID"] for row in rows if row["Leaving Date"] == "02/10/2026"} == {
        child.number for family in make_people().families for child in family.children if child.left
    }


def test_the_good_file_brings_joiners_and_changes_and_the_broken_one_is_a_web_page():
    known = {adult.number for adult in make_people().parents()}
    rows = list(csv.DictReader(io.StringIO(list_with_joiners(make_people()).decode("utf-8-sig"))))

    assert len({row["Contact ID"] for row in rows} - known) == 4
    assert {row["Contact ID"] for row in rows} & known
    assert LOGIN_PAGE.lstrip().lower().startswith("<!doctype html")
