"""Leavers: followers who no longer belong. A list proposes, an admin answers, a person removes; nothing happens by itself."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from vetting.dashboard.forms import leavers as forms
from vetting.dashboard.forms.requests import ReleaseForm
from vetting.dashboard.permissions import DECIDING, SchoolRequest, get_row, holds, moment, page, signed_in_at
from vetting.dashboard.presenters import counted
from vetting.dashboard.reading.followers import accounts_of
from vetting.dashboard.reading.leavers import leavers_page, removal_detail, stopped_page
from vetting.decisions import operations
from vetting.decisions.models import Decision, QueueItem
from vetting.decisions.queries import removals
from vetting.decisions.states import State
from vetting.leavers.models import LeaverPlan
from vetting.leavers.operations import NeedsFreshSignIn, ask_release, plan_removals, propose_removals, release_plan
from vetting.school.models import Role
from vetting.school.operations import set_policy
from vetting.values import BadValue, Refused


@page(*DECIDING)
def leavers(request: SchoolRequest) -> HttpResponse:
    return _leavers(request, forms.PauseForm())


def _leavers(request: SchoolRequest, pause_form: forms.PauseForm, status: int = 200) -> HttpResponse:
    accounts, is_lead = accounts_of(request.school), holds(request, Role.LEAD)
    account = accounts[0] if accounts else None
    context = {
        "page": leavers_page(school=request.school, account=account, tab=request.GET.get("tab", ""), is_lead=is_lead, at=moment()),
        "may_answer": holds(request, Role.ADMIN),
        "may_write": holds(request, Role.OFFICE, Role.ADMIN),
        "is_lead": is_lead,
        "pause_form": pause_form,
    }
    return render(request, "leavers/leavers.html", context, status=status)


@page(Role.ADMIN)
@require_POST
def make_list(request: SchoolRequest) -> HttpResponse:
    """The list the night would make, now. It proposes nothing."""
    for account in accounts_of(request.school):
        plan = plan_removals(school_account=account, by=request.user, at=moment())
        if plan.verdict == LeaverPlan.Verdict.STOPPED:
            messages.warning(request, plan.verdict_sentence)
        else:
            messages.success(request, f"The list for @{account.handle} is made. Nothing is proposed until you put it before the admins.")
    return redirect(reverse("leavers") + "?tab=ready")


@page(Role.ADMIN)
@require_POST
def propose(request: SchoolRequest, reference: str) -> HttpResponse:
    """Put those who are ready before the admins, one question each."""
    plan = get_row(request, LeaverPlan, reference)
    try:
        opened = propose_removals(plan=plan, by=request.user, at=moment())
    except (BadValue, Refused) as error:
        messages.error(request, error.sentence)
        return redirect(reverse("leavers") + "?tab=ready")
    messages.success(request, f"{counted(opened, 'removal')} put before the admins. Nobody is removed until one answers.")
    return redirect("leavers")


@page(*DECIDING)
def plan_page(request: SchoolRequest, reference: str) -> HttpResponse:
    """A stopped list interrupts: what would happen, why it stopped, and who may let it go on."""
    return _show_plan(request, _plan(request, reference), forms.GoOnForm())


def _show_plan(request: SchoolRequest, plan: LeaverPlan, form: Form, problem: str = "", status: int = 200) -> HttpResponse:
    context = {
        "plan": plan,
        "form": form,
        "shown": stopped_page(plan=plan, by=request.user, at=moment()),
        "problem": problem,
        "may_answer": holds(request, Role.ADMIN),
    }
    return render(request, "leavers/stopped.html", context, status=status)


def _plan(request: SchoolRequest, reference: str) -> LeaverPlan:
    return get_row(request, LeaverPlan.objects.select_related("released_by", "asked_by", "school_account", "school"), reference)


@page(Role.ADMIN)
@require_POST
def ask_to_go_on(request: SchoolRequest, reference: str) -> HttpResponse:
    """The first of two: this list is right, because …"""
    plan, form = _plan(request, reference), forms.GoOnForm(request.POST)
    if not form.is_valid():
        return _show_plan(request, plan, form, "Write why this list is right.", 422)
    try:
        ask_release(plan=plan, why=form.cleaned_data["why"], by=request.user, at=moment())
    except (BadValue, Refused) as error:
        return _show_plan(request, plan, form, error.sentence, 409)
    messages.success(request, "Written down. Nothing goes on until another admin agrees.")
    return redirect("leaver_plan", reference=reference)


@page(Role.ADMIN)
@require_POST
def let_go_on(request: SchoolRequest, reference: str) -> HttpResponse:
    """The second of two agrees; whoever signed in a while ago gives the password once more first."""
    plan = _plan(request, reference)
    try:
        release_plan(plan=plan, by=request.user, at=moment(), signed_in_at=signed_in_at(request))
    except NeedsFreshSignIn:
        return redirect_to_login(reverse("leaver_plan", args=[reference]), reverse("account_reauthenticate"))
    except (BadValue, Refused) as error:
        return _show_plan(request, plan, forms.GoOnForm(), error.sentence, 409)
    messages.success(request, "The list may go on. Put it before the admins when you are ready.")
    return redirect(reverse("leavers") + "?tab=ready")


@page(Role.ADMIN)
@require_POST
def pause(request: SchoolRequest) -> HttpResponse:
    """The red switch: no removal is proposed, decided or carried out until an admin ends the pause."""
    if request.POST.get("paused") != "yes":
        set_policy(school=request.school, key="removals_paused", value=False, by=request.user, at=moment())
        messages.success(request, "Removals may go on.")
        return redirect("leavers")
    form = forms.PauseForm(request.POST)
    if not form.is_valid():
        return _leavers(request, form, status=422)
    set_policy(school=request.school, key="removals_paused", value=True, by=request.user, at=moment(), why=form.cleaned_data["why"])
    messages.success(request, "All removals are paused.")
    return redirect("leavers")


def _item(request: SchoolRequest, reference: str) -> QueueItem:
    return get_row(request, removals(request.school).select_related("school", "school_account", "profile", "person"), reference)


@page(*DECIDING)
def removal(request: SchoolRequest, reference: str) -> HttpResponse:
    return _show(request, _item(request, reference))


def _show(
    request: SchoolRequest,
    item: QueueItem,
    *,
    form: Form | None = None,
    release_form: Form | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "detail": removal_detail(item=item, by=request.user, at=moment()),
        "item": item,
        "form": form or forms.AnswerForm(initial={"seen_version": item.version}),
        "release_form": release_form or ReleaseForm(initial={"seen_version": item.version}),
        "problem": problem,
    }
    return render(request, "leavers/removal.html", context, status=status)


def _act(request: SchoolRequest, reference: str, act: Callable[[QueueItem, datetime], object], **bound: Form) -> HttpResponse | None:
    """None when it was done; otherwise the page with the sentence that says why not."""
    item = _item(request, reference)
    invalid = next((form for form in bound.values() if not form.is_valid()), None)
    if invalid is not None:
        first = next(str(error) for errors in invalid.errors.values() for error in errors)
        return _show(request, item, problem=first, status=422, **bound)
    try:
        act(item, moment())
    except BadValue as error:
        return _show(request, item, problem=error.sentence, status=422, **bound)
    except Refused as error:
        return _show(request, _item(request, reference), problem=error.sentence, status=409)
    return None


@page(Role.ADMIN, Role.LEAD)
@require_POST
def answer(request: SchoolRequest, reference: str) -> HttpResponse:
    """Remove or keep, with a reason; the safeguarding lead answers what is held."""
    form = forms.AnswerForm(request.POST)

    def act(item: QueueItem, at: datetime) -> None:
        data = form.cleaned_data
        operations.decide(
            item=item,
            seen_version=data["seen_version"],
            outcome=Decision.Outcome(data["outcome"]),
            reason=data["reason"],
            by=request.user,
            at=at,
        )

    refused = _act(request, reference, act, form=form)
    if refused is not None:
        return refused
    item = _item(request, reference)
    if item.state == State.BY_HAND:
        messages.success(request, f"Now remove @{item.profile.handle} in Twitter, then tick it under To do.")
    elif item.state == State.LAPSED:
        messages.success(request, f"@{item.profile.handle} is kept.")
    else:
        messages.success(request, f"Removal of @{item.profile.handle} decided. Waiting to send.")
    return redirect("leavers")


@page(Role.LEAD)
@require_POST
def release(request: SchoolRequest, reference: str) -> HttpResponse:
    form = ReleaseForm(request.POST)

    def act(item: QueueItem, at: datetime) -> None:
        data = form.cleaned_data
        operations.release(item=item, seen_version=data["seen_version"], why=data["why"], by=request.user, at=at)

    refused = _act(request, reference, act, release_form=form)
    if refused is not None:
        return refused
    messages.success(request, "Released. An admin answers it now.")
    return redirect("leavers")


@page(Role.ADMIN, Role.LEAD)
@require_POST
def undo(request: SchoolRequest, reference: str) -> HttpResponse:
    def act(item: QueueItem, at: datetime) -> None:
        operations.undo(item=item, by=request.user, at=at)

    refused = _act(request, reference, act)
    if refused is not None:
        return refused
    messages.success(request, "Taken back. It waits for an answer again.")
    return redirect("removal", reference=reference)


urlpatterns = [
    path("", leavers, name="leavers"),
    path("list/", make_list, name="leavers_make_list"),
    path("pause/", pause, name="leavers_pause"),
    path("lists/<slug:reference>/", plan_page, name="leaver_plan"),
    path("lists/<slug:reference>/propose/", propose, name="leavers_propose"),
    path("lists/<slug:reference>/ask/", ask_to_go_on, name="leavers_ask_to_go_on"),
    path("lists/<slug:reference>/go-on/", let_go_on, name="leavers_go_on"),
    path("<slug:reference>/", removal, name="removal"),
    path("<slug:reference>/answer/", answer, name="removal_answer"),
    path("<slug:reference>/release/", release, name="removal_release"),
    path("<slug:reference>/undo/", undo, name="removal_undo"),
]
