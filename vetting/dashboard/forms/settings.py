"""The school's own settings: calendar, rules, people."""

import re
from typing import Any

from django import forms

from vetting.dashboard.forms.fields import DayInput, MailAddressField
from vetting.dashboard.words import ROLE_MAY
from vetting.school.models import CalendarEntry, Role
from vetting.school.policies import DOMAINS, RULES, Rule


class DatesForm(forms.Form):
    """A term, or a holiday inside one."""

    kind = forms.ChoiceField(label="What", choices=CalendarEntry.Kind.choices)
    name = forms.CharField(label="Name", max_length=80, widget=forms.TextInput(attrs={"placeholder": "Autumn 2026"}))
    starts_on = forms.DateField(label="First day", widget=DayInput())
    ends_on = forms.DateField(label="Last day", widget=DayInput())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("starts_on") and cleaned.get("ends_on") and cleaned["ends_on"] < cleaned["starts_on"]:
            self.add_error("ends_on", "The last day lies before the first day.")
        return cleaned


RULE_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Deciding", ("two_people", "undo_seconds", "lock_minutes", "lookup_within_hours", "account_is_public")),
    ("Pupils", ("pupil_mail_domains", "own_mail_domains")),
    ("Aim and review", ("reach_aim_percent", "review_every_days")),
    (
        "Leavers",
        ("grace_days_mid_year", "grace_days_staff", "grace_days_others", "year_end_grace_until", "summer_freeze", "removals_paused"),
    ),
    (
        "When a list of leavers stops itself",
        ("unexpected_leavers_people", "unexpected_leavers_percent", "leaver_ceiling_percent", "roster_days"),
    ),
    ("Removals through Twitter", ("remove_by_api", "removal_batch", "removal_first")),
    ("Letters to families", ("acknowledge_mails", "confirm_days", "letters_per_hour")),
    ("Keeping and forgetting", ("raw_mail_days", "unmatched_mail_days", "unloaded_list_days", "roll_back_days")),
    ("Reaching Twitter", ("requests_every_minutes", "followers_every_hours", "calls_per_month", "cost_per_month")),
)
UNITS = {"percent": "per cent", "days": "days"}


def _field_for(rule: Rule, value: Any) -> forms.Field:
    if rule.kind == "yes/no":
        return forms.BooleanField(label=rule.title, required=False, initial=value)
    if rule.kind == "text":
        return forms.RegexField(
            re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"), label=rule.title, initial=value, help_text="Month and day, as 09-30."
        )
    if rule.kind == "domains":
        return forms.RegexField(
            DOMAINS,
            label=rule.title,
            initial=value,
            required=False,
            max_length=300,
            help_text="Such as pupils.st-example.org; several with commas. Empty: none.",
            error_messages={"invalid": "Write domains such as pupils.st-example.org, with commas between them."},
        )
    most = 100 if rule.kind == "percent" else 1_000_000
    return forms.IntegerField(label=rule.title, min_value=0, max_value=most, initial=value, help_text=UNITS.get(rule.kind, ""))


class RulesForm(forms.Form):
    """Every rule with its value now. `changes` holds only those that were altered."""

    why = forms.CharField(label="Why you change it", max_length=300, required=False, help_text="Kept in the record beside your name.")

    def __init__(self, *args: Any, values: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.values = values
        for key, rule in RULES.items():
            self.fields[key] = _field_for(rule, values[key])

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        named = {key for _, keys in RULE_GROUPS for key in keys}
        rest = tuple(key for key in RULES if key not in named)
        groups = RULE_GROUPS + ((("More", rest),) if rest else ())
        return [(title, [self[key] for key in keys]) for title, keys in groups]

    @property
    def changes(self) -> dict[str, Any]:
        return {key: self.cleaned_data[key] for key in RULES if self.cleaned_data[key] != self.values[key]}


class InviteForm(forms.Form):
    """A colleague to invite, with the roles they will hold."""

    name = forms.CharField(label="Their name", max_length=150)
    email = MailAddressField(label="Their e-mail address", help_text="They sign in with it. The link itself you pass on yourself.")
    roles = forms.MultipleChoiceField(label="What they may do", widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, may_give: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(role.value, f"{role.label}: {ROLE_MAY[role]}") for role in may_give]
        self.fields["roles"].choices = choices  # type: ignore[attr-defined]  # the stubs know fields only by their base class


class RoleForm(forms.Form):
    """Give one role to, or take it from, somebody who belongs to the school."""

    user = forms.IntegerField()
    role = forms.ChoiceField(choices=Role.choices)
    act = forms.ChoiceField(choices=[("give", "Give"), ("end", "End")])
