"""Uploading the school's list."""

from django import forms

from vetting.roster.models import RosterImport

MOST_BYTES = 10 * 1024 * 1024


class UploadForm(forms.Form):
    file = forms.FileField(
        label="The list, as a CSV file",
        help_text="As the school's system exports its contacts. Only names, classes, e-mail addresses and relationships are kept.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,text/csv"}),
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

    def clean_file(self) -> object:
        """Only the size is looked at here; whether it is a list, the register says itself."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError("This file is larger than 10 MB. A list of contacts is much smaller; is it the right one?")
        return file
