"""The clock's pulse: one row that the worker writes at every tick. Its age tells everybody whether beat, broker and worker are alive."""

from datetime import datetime, timedelta

from django.db import models

# Ticks come every five seconds; a minute without one is a clock that stands.
STOPPED_AFTER = timedelta(seconds=60)


class Heartbeat(models.Model):
    """The last tick that went all the way round: published by the beat, carried out by a worker."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%H:%M:%S}"


def tick(*, at: datetime) -> None:
    """Note that the clock goes."""
    Heartbeat.objects.update_or_create(name="clock", defaults={"at": at})


def last_tick() -> datetime | None:
    """When the clock last went round; None when it never did."""
    return Heartbeat.objects.filter(name="clock").values_list("at", flat=True).first()
