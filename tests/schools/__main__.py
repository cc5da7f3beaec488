"""Write simulated schools into folders: python3 -m tests.schools DIR --schools 3 --families 250 --attack 1 --look-ups 0.92 --seed 1."""

from argparse import ArgumentParser
from pathlib import Path

from tests.schools.school import Kind, write


def main() -> None:
    parser = ArgumentParser(prog="python3 -m tests.schools", description="Write simulated schools, one folder each, for evaluate_matching.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--schools", type=int, default=1)
    parser.add_argument("--families", type=int, default=250)
    parser.add_argument("--attack", type=float, default=1.0, help="how many times the usual number of attacks")
    parser.add_argument("--look-ups", type=float, default=0.92, help="share of the named accounts that Twitter was asked about in time")
    parser.add_argument("--own", type=float, default=0.25, help="share of the attacks that are our own ideas")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    kind = Kind(given.families, given.attack, given.look_ups, given.own)
    for number in range(given.schools):
        print(write(given.seed + number, kind, given.folder / f"school-{given.seed + number}"))


if __name__ == "__main__":
    main()
