"""The demo school and the practice phone. Invented people only; used by `up` and by no other module."""
