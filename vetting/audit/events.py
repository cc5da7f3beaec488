"""The closed list of things that can happen, each with the sentence the audit page shows.

A sentence may use {by} and any key of the event's facts and words; a missing word (erased, say) shows as "(erased)".
"""

from enum import StrEnum


class Event(StrEnum):
    """What happened. The value is stored; never change one."""

    SCHOOL_CREATED = "school.created"
    SCHOOL_SET_UP = "school.set_up"
    MEMBER_INVITED = "school.member_invited"
    MEMBER_JOINED = "school.member_joined"
    ROLE_GIVEN = "school.role_given"
    ROLE_ENDED = "school.role_ended"
    POLICY_SET = "school.policy_set"
    CALENDAR_SET = "school.calendar_set"
    ACCOUNT_CORRECTED = "school.account_corrected"
    RESTORED = "school.restored"
    RESUMED = "school.resumed"
    CALENDAR_REMOVED = "school.calendar_removed"
    ALARM_RAISED = "school.alarm_raised"
    ALARM_CLEARED = "school.alarm_cleared"
    SOURCE_ADDED = "intake.source_added"
    SOURCE_CHANGED = "intake.source_changed"
    SOURCE_REMOVED = "intake.source_removed"
    SOURCE_TRUSTED = "intake.receiver_declared"
    PROBE_ASKED = "intake.probe_asked"
    PROBE_GIVEN_UP = "intake.probe_given_up"
    SOURCE_LEARNT = "intake.receiver_learnt"
    SOURCE_SAYS_NOTHING = "intake.receiver_says_nothing"
    SOURCE_UNSAFE = "intake.forged_verdict_kept"
    SOURCE_RENUMBERED = "intake.source_renumbered"
    FILES_GIVEN = "intake.files_given"
    CLAIM_ENTERED = "intake.claim_entered"
    CLAIM_CORRECTED = "intake.claim_corrected"
    READING_MARKED = "intake.reading_marked"
    CLAIM_WITHDRAWN = "intake.claim_withdrawn"
    CLAIM_CONFIRMED = "intake.claim_confirmed"
    CLAIM_OTHER_NAME = "intake.claim_other_name"
    CLAIM_DISOWNED = "intake.claim_disowned"
    CLAIM_LINKED = "matching.claim_linked"
    CLAIM_UNLINKED = "matching.claim_unlinked"
    EMAIL_SET_ASIDE = "intake.email_set_aside"
    EMAIL_RETRIED = "intake.email_retried"
    ROSTER_REHEARSED = "roster.rehearsed"
    ROSTER_APPLIED = "roster.applied"
    ROSTER_STOPPED = "roster.stopped"
    ROSTER_ANSWERED = "roster.answered"
    ROSTER_DISCARDED = "roster.discarded"
    ROSTER_RELEASED = "roster.released"
    ROSTER_ROLLED_BACK = "roster.rolled_back"
    PERSON_ADDED = "roster.person_added"
    PERSON_CORRECTED = "roster.person_corrected"
    PERSON_LEFT = "roster.person_left"
    BASIS_ADDED = "roster.basis_added"
    BASIS_ENDED = "roster.basis_ended"
    RESTRICTION_OPENED = "roster.restriction_opened"
    RESTRICTION_LIFTED = "roster.restriction_lifted"
    CONNECTED = "twitter.connected"
    CONNECTION_CHANGED = "twitter.connection_changed"
    APP_KEPT = "twitter.app_kept"
    SIGNED_IN_AT_TWITTER = "twitter.signed_in"
    DISCONNECTED = "twitter.disconnected"
    LIST_PASTED = "twitter.list_pasted"
    CHECK_ASKED = "twitter.check_asked"
    CONCERN_RAISED = "concerns.raised"
    CONCERN_CLOSED = "concerns.closed"
    LETTER_QUEUED = "correspondence.queued"
    LETTER_SENT = "correspondence.sent"
    LETTER_GIVEN_UP = "correspondence.given_up"
    LETTER_RETRIED = "correspondence.retried"
    LETTER_TEXT_SET = "correspondence.text_set"
    ITEM_OPENED = "decisions.opened"
    ITEM_VERIFIED = "decisions.verified"
    ITEM_DECIDED = "decisions.decided"
    ITEM_COUNTERSIGNED = "decisions.countersigned"
    ITEM_UNDONE = "decisions.undone"
    ITEM_ASKED_AGAIN = "decisions.asked_again"
    ITEM_HELD = "decisions.held"
    ITEM_RELEASED = "decisions.released"
    ITEM_ASKED = "decisions.asked"
    ITEM_SNOOZED = "decisions.snoozed"
    ITEM_TICKED = "decisions.ticked"
    ITEM_NOT_FOUND = "decisions.could_not_find"
    ITEM_LAPSED = "decisions.lapsed"
    ITEM_SENT_TO_HAND = "execution.by_hand"
    ITEM_TRIED = "execution.tried"
    ITEM_CONFIRMED = "execution.confirmed"
    BLOCK_ASKED = "execution.blocked"
    BLOCK_LIFTED = "execution.block_lifted"
    REMOVAL_CAME_BACK = "execution.removal_came_back"
    DISCREPANCIES_FOUND = "execution.discrepancies_found"
    DISCREPANCY_NOTED = "execution.discrepancy_noted"
    IDENTIFIED = "identities.identified"
    IDENTIFICATION_ENDED = "identities.ended"
    PLAN_MADE = "leavers.plan_made"
    PLAN_STOPPED = "leavers.plan_stopped"
    REMOVALS_PROPOSED = "leavers.proposed"
    REMOVALS_PAUSED = "leavers.paused"
    PLAN_RELEASED = "leavers.plan_released"
    PLAN_RELEASE_ASKED = "leavers.plan_release_asked"
    FOLLOWER_ASKED_ABOUT = "leavers.asked_around"
    REVIEW_COMPLETED = "leavers.review_completed"
    ERASED = "retention.erased"
    ERASURE_REHEARSED = "retention.rehearsed"


SENTENCES: dict[Event, str] = {
    Event.SCHOOL_CREATED: "The register of {school} was created.",
    Event.SCHOOL_SET_UP: "{by} set up the register.",
    Event.RESTORED: "The register was restored from a backup of {backup_of}. It only watches until somebody lets it act again.",
    Event.RESUMED: "{by} let the register act again; {asked} answers are asked for once more and {letters} letters were not sent.",
    Event.MEMBER_INVITED: "{by} invited {name} ({roles}).",
    Event.MEMBER_JOINED: "{by} joined ({roles}).",
    Event.ROLE_GIVEN: "{by} gave {name} the role {role}.",
    Event.ROLE_ENDED: "{by} ended {name}'s role {role}.",
    Event.POLICY_SET: "{by} set the rule “{key}” to {value}.",
    Event.CALENDAR_SET: "{by} set term dates for {name}.",
    Event.ACCOUNT_CORRECTED: "{by} corrected the school's own Twitter name to @{handle}.",
    Event.CALENDAR_REMOVED: "{by} removed the dates for {name}.",
    Event.ALARM_RAISED: "Alarm: {sentence}",
    Event.ALARM_CLEARED: "Alarm over: {kind}.",
    Event.SOURCE_ADDED: "{by} connected the mailbox folder {name}.",
    Event.SOURCE_CHANGED: "{by} changed the mailbox folder {name}.",
    Event.SOURCE_REMOVED: "{by} disconnected the mailbox folder {name}; its sign-in was forgotten.",
    Event.SOURCE_TRUSTED: "{by} declared that {receiver} checks senders for {name}.",
    Event.PROBE_ASKED: "{by} sent a test message to {name}, to see whether its server checks senders.",
    Event.PROBE_GIVEN_UP: "The test message to {name} came to nothing. {why}",
    Event.SOURCE_LEARNT: "A test message showed that {receiver} checks senders for {name}; its results are believed.",
    Event.SOURCE_SAYS_NOTHING: "A test message showed that nobody's results about senders can be believed for {name}.",
    Event.SOURCE_UNSAFE: "A test message with a forged result came through to {name}; nobody's results are believed there.",
    Event.SOURCE_RENUMBERED: "The mail server renumbered {name}; it is being read again, nothing counts twice.",
    Event.FILES_GIVEN: "{by} gave {messages} e-mails in files; {new} of them were new.",
    Event.CLAIM_ENTERED: "{by} wrote down that {name} uses {handle} (told {channel}).",
    Event.CLAIM_CORRECTED: "{by} corrected the Twitter name of a message to {handle}.",
    Event.READING_MARKED: "{by} marked {handle} in a message: {use}.",
    Event.CLAIM_WITHDRAWN: "{by} withdrew a message: {why}",
    Event.CLAIM_CONFIRMED: "{handle} was confirmed through the link we sent.",
    Event.CLAIM_OTHER_NAME: "Instead of the name we asked about, {handle} was typed on the confirmation page.",
    Event.CLAIM_DISOWNED: "Through the link we sent somebody said that a message was not theirs.",
    Event.CLAIM_LINKED: "{by} linked a message to {person}.",
    Event.CLAIM_UNLINKED: "{by} took back that a message is from {person}.",
    Event.EMAIL_SET_ASIDE: "{by} set an e-mail aside: {why}",
    Event.EMAIL_RETRIED: "{by} asked to read an e-mail again.",
    Event.ROSTER_REHEARSED: "{by} checked the list {file}; nothing was changed.",
    Event.ROSTER_APPLIED: "{by} loaded the list {file}: {added} people added, {changed} changed.",
    Event.ROSTER_STOPPED: "The list {file} was stopped: {why}",
    Event.ROSTER_ANSWERED: "{by} answered questions about the list {file}: {same} same, {different} different.",
    Event.ROSTER_DISCARDED: "{by} threw away the check of {file}.",
    Event.ROSTER_RELEASED: "{by} let the stopped list {file} through: {why}",
    Event.ROSTER_ROLLED_BACK: "{by} rolled back the list {file}: the register is what it was before it.",
    Event.PERSON_ADDED: "{by} added {name}.",
    Event.PERSON_CORRECTED: "{by} corrected the entry of {name}.",
    Event.PERSON_LEFT: "{by} marked {name} as left on {day}.",
    Event.BASIS_ADDED: "{by} recorded {name} as {kind}.",
    Event.BASIS_ENDED: "{by} ended {kind} of {name} on {day}.",
    Event.RESTRICTION_OPENED: "{by} placed a mark on {name}.",
    Event.RESTRICTION_LIFTED: "{by} lifted a mark on {name}.",
    Event.CONNECTED: "{by} connected @{handle} ({kind}).",
    Event.CONNECTION_CHANGED: "{by} changed the connection of @{handle}.",
    Event.APP_KEPT: "{by} gave the app through which @{handle} signs in.",
    Event.SIGNED_IN_AT_TWITTER: "{by} signed in at Twitter as @{handle} and let the register read there ({scopes}).",
    Event.DISCONNECTED: "{by} disconnected @{handle}; its keys and tokens were forgotten.",
    Event.LIST_PASTED: "{by} pasted a list from Twitter: {count} names.",
    Event.CHECK_ASKED: "{by} asked for a check of Twitter.",
    Event.CONCERN_RAISED: "{by} passed a concern to the safeguarding lead.",
    Event.CONCERN_CLOSED: "{by} closed a concern.",
    Event.LETTER_QUEUED: "{by} wrote to a family ({template}).",
    Event.LETTER_SENT: "A letter was sent ({template}).",
    Event.LETTER_GIVEN_UP: "A letter was not sent ({template}): {why}",
    Event.LETTER_RETRIED: "{by} had a letter tried again ({template}).",
    Event.LETTER_TEXT_SET: "{by} changed the wording of a letter ({template}).",
    Event.ITEM_OPENED: "@{handle} came up: {level}.",
    Event.ITEM_VERIFIED: "{by} verified @{handle} as {person}, {how}.",
    Event.ITEM_DECIDED: "{by}: {outcome} @{handle}. {reason}",
    Event.ITEM_COUNTERSIGNED: "{by} agreed to the decision on @{handle}.",
    Event.ITEM_UNDONE: "{by} took back the decision on @{handle}.",
    Event.ITEM_ASKED_AGAIN: "After a restore the answer on @{handle} is asked for once more.",
    Event.ITEM_HELD: "@{handle} was passed to the safeguarding lead.",
    Event.ITEM_RELEASED: "{by} released @{handle}.",
    Event.ITEM_ASKED: "{by} asked about @{handle}.",
    Event.ITEM_SNOOZED: "{by} put @{handle} off until {day}.",
    Event.ITEM_TICKED: "{by} did it on Twitter: @{handle}.",
    Event.ITEM_NOT_FOUND: "{by} could not find @{handle} on Twitter.",
    Event.ITEM_LAPSED: "@{handle} no longer needs an answer: {why}",
    Event.ITEM_SENT_TO_HAND: "@{handle} stands on To do: Twitter offers no way.",
    Event.ITEM_TRIED: "Twitter was asked about @{handle}: {result}.",
    Event.ITEM_CONFIRMED: "@{handle}: {what}",
    Event.BLOCK_ASKED: "Twitter blocked @{handle}, which ends the following; the block is lifted at once.",
    Event.BLOCK_LIFTED: "@{handle} is no longer blocked on Twitter.",
    Event.REMOVAL_CAME_BACK: "@{handle} was not removed and needs another look. {why}",
    Event.DISCREPANCIES_FOUND: "Twitter was compared with the register. New things that do not fit: {found}; settled: {ended}.",
    Event.DISCREPANCY_NOTED: "{by} noted about @{handle}, who does not fit: {note}",
    Event.IDENTIFIED: "@{handle} is {person}.",
    Event.IDENTIFICATION_ENDED: "@{handle} is no longer taken for {person}: {why}",
    Event.PLAN_MADE: "The leaver list was made: {ready} to remove, {kept} kept.",
    Event.PLAN_STOPPED: "The leaver list was stopped: {why}",
    Event.REMOVALS_PROPOSED: "{count} removals were put before the admins.",
    Event.REMOVALS_PAUSED: "{by} set “removals paused” to {value}.",
    Event.PLAN_RELEASED: "{by} let the stopped leaver list go on: {why}",
    Event.PLAN_RELEASE_ASKED: "{by} asked that the stopped leaver list may go on: {why}",
    Event.FOLLOWER_ASKED_ABOUT: "{by} asked around who @{handle} is: {note}",
    Event.REVIEW_COMPLETED: "{by} completed a full review of the followers.",
    Event.ERASED: "Old records were erased: {counts}.",
    Event.ERASURE_REHEARSED: "{by} looked what would be erased now: {count} e-mails. Nothing was.",
}


FOR_THE_LEAD = frozenset({Event.RESTRICTION_OPENED, Event.RESTRICTION_LIFTED, Event.CONCERN_RAISED, Event.CONCERN_CLOSED})
"""What only the safeguarding lead reads. Everybody else sees that a request is held, and no more."""


class _Erased(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "(erased)"


def sentence(event: Event, values: dict[str, object]) -> str:
    """The event in words."""
    return SENTENCES[event].format_map(_Erased(values))
