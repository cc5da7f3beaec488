"""A OneRoster zip (1.1 and 1.2, bulk): users and whom they are agents of, as the one table every other file becomes. Pure.

Five published sets were read for this, three of which break the specification: headings are found whatever their case and
order, what is missing is a note, and no oddity may ever make somebody absent.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping

from vetting.roster.importing.archives import chunks_of
from vetting.roster.importing.tables import NOTHING, Notes, Row
from vetting.values import BadValue

HEADINGS = (
    "Pupil ID",
    "Pupil Forename",
    "Pupil Surname",
    "Year Group",
    "Contact ID",
    "Contact Forename",
    "Contact Surname",
    "Email",
    "Relationship",
)
_FAMILY = {"parent": "Parent", "guardian": "Guardian", "relative": "Relative"}
_READ = frozenset(
    {"sourcedid", "status", "role", "givenname", "familyname", "preferredgivenname", "preferredfamilyname", "email", "agentsourcedids"}
    | {"agents", "grades", "grade"}
)
User = Mapping[str, str]


def read(archive: zipfile.ZipFile) -> tuple[list[Row] | Iterator[Row], Notes, tuple[str, ...]]:
    """Rows of one pupil and one adult each, notes, and the headings that were not read. Raises BadValue."""
    files = {name.rpartition("/")[2].lower(): name for name in archive.namelist() if name.lower().endswith(".csv")}
    if "users.csv" not in files:
        raise BadValue(
            "This zip file is no OneRoster export: users.csv is missing. Choose the list itself, as CSV or as a workbook. " + NOTHING
        )
    notes = Notes()
    _refuse_changes_only(archive, files, notes)
    headings, users = _table(archive, files["users.csv"])
    if not users:
        raise BadValue(f"users.csv has headings but no rows. An empty list never means that everybody left. {NOTHING}")
    if lacking := {"sourcedid", "givenname", "familyname"} - {heading.lower() for heading in headings}:
        raise BadValue(f"users.csv has no column {' and no column '.join(sorted(lacking))}. {NOTHING}")
    roles = _roles(archive, files)
    unread = [heading for heading in headings if heading.lower() not in _READ]
    unread += [f"{name} (whole file)" for name in sorted(files) if name not in ("users.csv", "manifest.csv", "roles.csv")]
    return _rows(users, roles, notes), notes, tuple(unread)


def _refuse_changes_only(archive: zipfile.ZipFile, files: Mapping[str, str], notes: Notes) -> None:
    if "manifest.csv" not in files:
        notes.whole.append("The zip has no manifest; it was read as a full export.")
        return
    _, lines = _table(archive, files["manifest.csv"])
    says = {line.get("propertyname", "").lower(): line.get("value", "").lower() for line in lines}
    if says.get("file.users") == "delta":
        raise BadValue(f"This OneRoster export holds only what changed (“delta”). Export it once more as “bulk”. {NOTHING}")
    if says.get("file.users") == "absent":
        raise BadValue(f"The manifest says that users are absent from this export. Export it once more with users. {NOTHING}")
    if not says.get("file.users"):
        notes.whole.append("The manifest does not say whether this is a full export; it was read as one.")


def _roles(archive: zipfile.ZipFile, files: Mapping[str, str]) -> dict[str, str]:
    """Version 1.2 keeps roles in a file of their own; the primary one counts."""
    if "roles.csv" not in files:
        return {}
    found: dict[str, str] = {}
    for line in _table(archive, files["roles.csv"])[1]:
        who = line.get("usersourcedid", "")
        if line.get("roletype", "primary").lower() == "primary" or who not in found:
            found[who] = line.get("role", "")
    return found


def _rows(users: list[User], roles: Mapping[str, str], notes: Notes) -> Iterator[Row]:
    yield 1, HEADINGS
    by_id, deleted = {}, 0
    for number, user in enumerate(users, start=2):
        if user.get("status", "").lower() == "tobedeleted":
            deleted += 1
            continue
        by_id[user.get("sourcedid", "")] = (number, user, (roles.get(user.get("sourcedid", "")) or user.get("role", "")).lower())
    if deleted:
        users_are = "user is" if deleted == 1 else "users are"
        notes.whole.append(f"{deleted} {users_are} marked “tobedeleted”: left out, and nothing ends because of that mark.")
    agents = [(pupil, agent) for pupil, (_, user, role) in by_id.items() if role == "student" for agent in _ids(user)]
    agents += [(pupil, agent) for agent, (_, user, role) in by_id.items() if role in _FAMILY for pupil in _ids(user)]
    for pupil_id, agent_id in dict.fromkeys(agents):
        pupil, agent = by_id.get(pupil_id), by_id.get(agent_id)
        if pupil is None or pupil[2] != "student":
            continue
        if agent is None:
            notes.left_out(pupil[0], "an agent is named who does not stand in users.csv.")
            continue
        number, adult, role = agent
        yield (
            number,
            (
                pupil_id,
                *_name(pupil[1]),
                pupil[1].get("grades") or pupil[1].get("grade") or "",
                agent_id,
                *_name(adult),
                adult.get("email", ""),
                _FAMILY.get(role, f"{role.capitalize() or 'Agent'} at the school"),
            ),
        )


def _ids(user: User) -> list[str]:
    told = user.get("agentsourcedids") or user.get("agents") or ""
    return [one.strip() for one in told.replace(";", ",").split(",") if one.strip()]


def _name(user: User) -> tuple[str, str]:
    return user.get("preferredgivenname") or user.get("givenname", ""), user.get("preferredfamilyname") or user.get("familyname", "")


def _table(archive: zipfile.ZipFile, name: str) -> tuple[list[str], list[User]]:
    """A file of the zip: its headings, and its rows with only the columns that are read, headings in lower case."""
    contents = b"".join(chunks_of(archive, name))
    try:
        text = contents.decode("utf-8-sig")
        lines = csv.reader(io.StringIO(text, newline=""))
        headings = [heading.strip() for heading in next(lines, [])]
        wanted = [(number, heading.lower()) for number, heading in enumerate(headings) if _is_read(heading.lower(), name)]
        return headings, [
            {heading: cells[number].strip() for number, heading in wanted if number < len(cells)} for cells in lines if any(cells)
        ]
    except UnicodeDecodeError as error:
        raise BadValue(f"“{name}” inside the zip is not in UTF-8. {NOTHING}") from error
    except csv.Error as error:
        raise BadValue(f"“{name}” inside the zip could not be read: a quotation mark may be missing. {NOTHING}") from error


def _is_read(heading: str, name: str) -> bool:
    return heading in _READ or not name.lower().endswith("users.csv")
