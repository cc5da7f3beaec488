"""The dashboard's addresses: every page keeps its own beside its view."""

from django.urls import include, path

urlpatterns = [
    path("", include("vetting.dashboard.views.today")),
    path("", include("vetting.dashboard.views.signing_in")),
    path("", include("vetting.dashboard.views.setting_up")),
    path("", include("vetting.dashboard.views.confirming")),
    path("", include("vetting.dashboard.views.letters")),
    path("", include("vetting.dashboard.views.restored")),
    path("requests/", include("vetting.dashboard.views.requests")),
    path("to-do/", include("vetting.dashboard.views.todo")),
    path("leavers/", include("vetting.dashboard.views.leavers")),
    path("people/", include("vetting.dashboard.views.people")),
    path("followers/", include("vetting.dashboard.views.followers")),
    path("e-mails/", include("vetting.dashboard.views.emails")),
    path("concerns/", include("vetting.dashboard.views.concerns")),
    path("import/", include("vetting.dashboard.views.imports")),
    path("audit/", include("vetting.dashboard.views.audit")),
    path("settings/", include("vetting.dashboard.views.settings")),
    path("help/", include("vetting.dashboard.views.help")),
    path("", include("vetting.dashboard.views.errors")),
]
