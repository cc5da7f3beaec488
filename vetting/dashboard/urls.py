"""The dashboard's addresses."""

urlpatterns: list[object] = []
