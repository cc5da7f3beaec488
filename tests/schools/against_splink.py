"""Splink as an opponent: python3 -m tests.schools.against_splink DIR… (needs `pip install splink pandas`, which nothing else here does).

Two links, each by Splink's own model (Fellegi-Sunter, u from random pairs, m by expectation maximisation): which person wrote a message,
and which account it means. Offered is an account whose message has both at a probability of 0.99 or more.
"""

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

Rows = list[dict[str, Any]]
_SURE = 0.99


def main(folders: list[Path]) -> int:
    if not folders:
        print(__doc__)
        return 2
    if importlib.util.find_spec("splink") is None or importlib.util.find_spec("pandas") is None:
        print("Splink is not installed; it is an opponent only and nothing here needs it. To compare: pip install splink pandas")
        return 1
    truth: dict[str, dict[str, Any]] = {}
    people, senders, texts, requests = _rows(folders, truth)
    wrote = _pairs(_link(people, senders, ("first", "last", "email"), ("email", "last", "first")))
    means = _pairs(_link(requests, texts, ("handle", "first", "last"), ("start", "last")))
    written = {right for _, right in wrote} | {left for left, _ in wrote}
    offered = {one for pair in means for one, other in (pair, pair[::-1]) if one in truth and other in written}
    _print(offered, truth)
    return 0


def _rows(folders: list[Path], truth: dict[str, dict[str, Any]]) -> tuple[Rows, Rows, Rows, Rows]:
    people: Rows = []
    senders: Rows = []
    texts: Rows = []
    requests: Rows = []
    for folder in folders:
        read = {name: json.loads((folder / f"{name}.json").read_text()) for name in ("roster", "claims", "requests", "truth")}
        school = folder.name
        for person in read["roster"]["people"]:
            row = {
                "unique_id": f"{school} {person['person_id']}",
                "school": school,
                **_name(f"{person['first_name']} {person['last_name']}"),
            }
            people += [{**row, "unique_id": f"{row['unique_id']} {email}", "email": email.lower()} for email in person["emails"]]
        for claim in read["claims"]:
            row = {"unique_id": f"{school} {claim['claim_id']}", "school": school, **_name(claim["from_name"] or "")}
            senders.append({**row, "email": claim["from_addr"].lower()})
            handle = (claim["fields"]["handles"] or [""])[0].strip("@ .").lower()
            texts.append({**row, "handle": handle, "start": handle[:4]})
        for request in read["requests"]:
            handle = request["handle"].lower()
            row = {"unique_id": request["twitter_id"], "school": school, **_name(request["display_name"])}
            requests.append({**row, "handle": handle, "start": handle[:4]})
        truth.update(read["truth"]["requests"])
    return people, senders, texts, requests


def _name(text: str) -> dict[str, Any]:
    words = [word for word in text.lower().split() if word not in ("mr", "mrs", "ms", "mx")]
    return {"first": words[0] if words else None, "last": words[-1] if len(words) > 1 else None}


def _link(left: Rows, right: Rows, compared: tuple[str, ...], blocked: tuple[str, ...]) -> Rows:
    import pandas
    import splink.comparison_library as compare
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    database = DuckDBAPI()
    kinds = {"email": compare.EmailComparison, "handle": lambda column: compare.JaroWinklerAtThresholds(column, [0.95, 0.88])}
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[kinds.get(column, compare.NameComparison)(column) for column in compared],
        blocking_rules_to_generate_predictions=[block_on("school", column) for column in blocked],
    )
    tables = [database.register(pandas.DataFrame(rows), dataset_display_name=name) for name, rows in (("asked", left), ("given", right))]
    linker = Linker(tables, settings, log_level="ERROR")
    linker.training.estimate_probability_two_random_records_match([block_on("school", compared[0], compared[-1])], recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=1_000_000)
    for column in blocked[:2]:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on("school", column))
    return linker.inference.predict(threshold_match_probability=_SURE).as_record_list()


def _pairs(rows: Rows) -> list[tuple[str, str]]:
    return [(row["unique_id_l"], row["unique_id_r"]) for row in rows]


def _print(offered: set[str], truth: dict[str, dict[str, Any]]) -> None:
    wrong = [key for key, row in truth.items() if row["should"] != "approve"]
    provable = [key for key, row in truth.items() if row["auto_ok"]]
    print(f"offered though they must not be   {sum(key in offered for key in wrong)} of {len(wrong)}")
    print(f"provable ones offered             {sum(key in offered for key in provable)} of {len(provable)}")


if __name__ == "__main__":
    sys.exit(main([Path(argument) for argument in sys.argv[1:]]))
