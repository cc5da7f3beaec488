"""The rules a school may set, each with its default and where that default comes from. Pure but for the type of value."""

import re
from dataclasses import dataclass
from typing import Any

# Nothing, or mail domains with commas between them.
DOMAINS = re.compile(r"(?:\s*@?[a-z0-9-]+(?:\.[a-z0-9-]+)+\s*(?:,|$))*", re.IGNORECASE)


@dataclass(frozen=True)
class Rule:
    """One Policy key: what it means on screen, its default, and its kind ("days", "percent", "number", "yes/no", "text", "domains")."""

    key: str
    title: str
    kind: str
    default: Any
    source: str


RULES: dict[str, Rule] = {
    rule.key: rule
    for rule in (
        Rule("undo_seconds", "Seconds in which a decision can be taken back before it is sent", "number", 60, "house.md, DECIDED"),
        Rule("two_people", "An approval needs two different people", "yes/no", False, "domain.md 3.2"),
        Rule(
            "lookup_within_hours",
            "Hours after an e-mail in which looking up its Twitter name counts as made at once",
            "number",
            24,
            "house.md",
        ),
        Rule("pupil_mail_domains", "Mail domains of the pupils’ own addresses", "domains", "", "domain.md, pupils under 13"),
        Rule("own_mail_domains", "Mail domains of the school’s own addresses", "domains", "", "domain.md, pupils under 13"),
        Rule("reach_aim_percent", "Share of parents who should follow", "percent", 25, "Kent's guidance, evaluation example"),
        Rule("review_every_days", "Days between full reviews of the followers", "days", 182, "Kent's guidance: review regularly"),
        Rule("grace_days_mid_year", "Days a family keeps following after a child left in mid-year", "days", 14, "domain.md 2.1"),
        Rule("grace_days_staff", "Days staff keep following after leaving", "days", 0, "domain.md 2.1"),
        Rule(
            "grace_days_others",
            "Days governors, volunteers and organisations keep following after their last day; 0: to the end of the term",
            "days",
            0,
            "domain.md 2.1",
        ),
        Rule(
            "year_end_grace_until",
            "Day and month until which a family that left in summer keeps following",
            "text",
            "09-30",
            "domain.md 2.1",
        ),
        Rule(
            "leaver_ceiling_percent", "Share of followers one leaver list may name before it stops", "percent", 15, "domain.md 2.4, layer 5"
        ),
        Rule("unexpected_leavers_people", "Unexpected leavers that stop a list, people", "number", 3, "domain.md 2.4, layer 3"),
        Rule("unexpected_leavers_percent", "Unexpected leavers that stop a list, share", "percent", 2, "domain.md 2.4, layer 3"),
        Rule("summer_freeze", "In the summer nobody leaves unannounced", "yes/no", True, "domain.md 2.4, layer 7"),
        Rule("roster_days", "Days after which a loaded list of families is too old for removals; 0: never", "days", 180, "domain.md 1.3"),
        Rule("removal_batch", "Removals carried out at a time", "number", 10, "domain.md 2.4, layer 6"),
        Rule("removal_first", "Removals seen on Twitter before the rest goes on", "number", 3, "domain.md 2.4, layer 6"),
        Rule("removals_paused", "All removals are paused", "yes/no", False, "domain.md 2.4, layer 6"),
        Rule("raw_mail_days", "Days after the decision until an e-mail's text is erased", "days", 30, "domain.md 4, retention"),
        Rule("unmatched_mail_days", "Days until an e-mail that came to nothing is erased", "days", 60, "domain.md 4, retention"),
        Rule("unloaded_list_days", "Days until a list that was checked and not loaded is forgotten", "days", 30, "domain.md 4, retention"),
        Rule("roll_back_days", "Days for which a loaded list can be rolled back at most", "days", 180, "domain.md 4, roster snapshots"),
        Rule("acknowledge_mails", "Every family's e-mail is acknowledged by a short letter", "yes/no", False, "RFC 3834"),
        Rule("letters_per_hour", "Letters sent in an hour at most", "number", 60, "RFC 3834: no flood of answers"),
        Rule("confirm_days", "Days for which a link to confirm a Twitter name is good", "days", 7, "a weekend and a reminder"),
        Rule("requests_every_minutes", "Minutes between readings of the follow requests", "number", 15, "x-api.md 7"),
        Rule("followers_every_hours", "Hours between full readings of the followers", "number", 168, "x-api.md 7"),
        Rule("calls_per_month", "Calls to Twitter in a month at most", "number", 20000, "x-api.md 7"),
        Rule("cost_per_month", "US dollars for Twitter in a month at most", "number", 25, "x-api.md 7"),
        Rule(
            "account_is_public",
            "Our account is public on purpose: nobody is approved, followers are only watched",
            "yes/no",
            False,
            "domain.md 3.2",
        ),
        Rule("remove_by_api", "Followers are removed through Twitter itself where it allows that", "yes/no", False, "x-api.md 4"),
        Rule("lock_minutes", "Minutes for which a request that somebody has open is marked as theirs", "number", 15, "domain.md 5"),
    )
}
