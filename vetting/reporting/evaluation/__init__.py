"""How well the engine judges schools whose truth is known: `evaluate_matching`.

A school is a folder of JSON files. The engine sees the roster, the messages, the look-ups, the requests and the earlier approvals; the
truth is read apart, after the opinions stand. The rates of a simulated school are invented: only the false approvals, and the figures
by kind of case, mean anything.
"""

from vetting.reporting.evaluation.figures import Figures, Judged, figures, judged
from vetting.reporting.evaluation.reading import SchoolFiles, read_school
from vetting.reporting.evaluation.truth import Truth, read_truth
from vetting.reporting.evaluation.writing import write_predictions

__all__ = ["Figures", "Judged", "SchoolFiles", "Truth", "figures", "judged", "read_school", "read_truth", "write_predictions"]
