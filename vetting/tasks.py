"""Every stage's tasks, for Celery."""
