"""Simulated schools with their families, their mail and their attackers, in the files that `evaluate_matching` reads.

Everything is invented and seeded: the same seed gives the same school. `tests/schools/__main__.py` writes some into a folder.
"""
