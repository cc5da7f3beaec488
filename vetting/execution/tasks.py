"""The clock of execution."""

from celery import shared_task
from django.utils import timezone

from vetting.decisions.models import QueueItem
from vetting.decisions.states import State
from vetting.execution import operations
from vetting.execution.discrepancies import accounts_to_look_at
from vetting.execution.models import OwedLift
from vetting.school.each import for_each
from vetting.school.models import SchoolAccount
from vetting.twitter.connecting import client_for


@shared_task
def carry_out_due() -> int:
    accounts = SchoolAccount.objects.filter(queue_items__state=State.DECIDED, connection__broken_because="").distinct()
    return for_each(
        accounts,
        lambda account: operations.carry_out_due(school_account=account, twitter=client_for(account.connection), at=timezone.now()),
    )


@shared_task
def lift_owed_blocks() -> int:
    owed = OwedLift.objects.filter(lifted_at=None).values("item__school_account")
    return for_each(
        SchoolAccount.objects.filter(pk__in=owed, connection__isnull=False).select_related("school"),
        lambda account: operations.lift_owed_blocks(school_account=account, twitter=client_for(account.connection), at=timezone.now()),
    )


@shared_task
def confirm_from_sightings() -> int:
    waiting = QueueItem.objects.filter(state__in=[State.CARRYING_OUT, State.BY_HAND]).values("school_account")
    return for_each(
        SchoolAccount.objects.filter(pk__in=waiting),
        lambda account: operations.confirm_from_sightings(school_account=account, at=timezone.now()),
    )


@shared_task
def find_discrepancies() -> int:
    return for_each(
        accounts_to_look_at().select_related("school"),
        lambda account: operations.look_for_discrepancies(school_account=account, at=timezone.now()),
    )


@shared_task
def recover_stuck() -> int:
    return operations.recover_stuck(at=timezone.now())
