"""Uploading the school's list, and saying which column is what."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from vetting.roster.importing.mapping import OF_THE_ADULT, TITLES, Field, fingerprint
from vetting.roster.models import RosterImport

MOST_BYTES = 32 * 1024 * 1024
ACCEPTED = ".csv,.txt,.tsv,.xlsx,.xls,.zip,text/csv"


class UploadForm(forms.Form):
    file = forms.FileField(
        label="The list",
        help_text=(
            "As the school's system exports its contacts: CSV, an Excel workbook or a OneRoster zip. "
            "Only names, classes, e-mail addresses and relationships are kept."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPTED}),
    )
    kind = forms.ChoiceField(
        label="This file holds",
        choices=[
            (RosterImport.Kind.COMPLETE, "everybody: the complete list"),
            (RosterImport.Kind.ADDITIONS, "only some: people to add or change"),
        ],
        initial=RosterImport.Kind.ADDITIONS,
        widget=forms.RadioSelect,
    )
    source = forms.CharField(
        label="What you call this export", max_length=60, required=False, help_text="Its columns are remembered under this name."
    )

    def clean_file(self) -> object:
        """Only the size is looked at here; whether it is a list, the register says itself."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError("This file is larger than 32 MB. A list of contacts is much smaller; is it the right one?")
        return file


class ColumnsForm(UploadForm):
    """The upload once more, with one choice for each column: nothing of the file is kept between the two."""

    def __init__(self, *args: Any, headings: Sequence[str], chosen: Mapping[str, Sequence[int]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.headings = headings
        self.fields["file"].help_text = "Choose the same file once more: nothing of it was kept."
        said = {index: key for key, columns in (chosen or {}).items() for index in columns}
        for index, heading in enumerate(headings):
            self.fields[f"column_{index}"] = forms.ChoiceField(label=heading, choices=_uses(), required=False, initial=said.get(index, ""))

    def columns(self) -> list[Any]:
        return [self[f"column_{index}"] for index in range(len(self.headings))]

    def mapping(self) -> dict[str, list[int]]:
        chosen: dict[str, list[int]] = {}
        for index in range(len(self.headings)):
            if key := self.cleaned_data.get(f"column_{index}"):
                chosen.setdefault(key, []).append(index)
        return chosen

    def is_of(self, headings: Sequence[str]) -> bool:
        """Whether the file that came is the one whose columns were shown."""
        return fingerprint(headings) == fingerprint(self.headings)


def _uses() -> list[tuple[str, str]]:
    uses = [("", "not kept")]
    uses += [(field.value, TITLES[field].partition(":")[0]) for field in Field]
    for number, whose in ((2, "second"), (3, "third")):
        uses += [(f"{field.value}.{number}", f"{whose} adult: {TITLES[field]}") for field in Field if field in OF_THE_ADULT]
    return uses


class LetThroughForm(forms.Form):
    why = forms.CharField(label="Why this list is right", max_length=300)
    # The outcome that stood on the page: what is let through is what was read.
    seen = forms.CharField(max_length=64, required=False)
