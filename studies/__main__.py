"""``python -m studies NAME``: make a file of ``results/`` anew, or go on with it."""

from __future__ import annotations

import argparse
from pathlib import Path

from studies import cifar10, squeeze, transfer
from studies.records import HERE


def main(arguments: list[str] | None = None) -> None:
    """Run one study."""
    words = argparse.ArgumentParser("python -m studies", description=__doc__)
    words.add_argument("name", choices=["cifar10", "transfer", "squeeze"])
    words.add_argument("folders", nargs="*", type=Path, help="for cifar10: folders of finished runs")
    words.add_argument("--root", type=Path, help="folder of downloaded data sets")
    words.add_argument("--out", type=Path, default=HERE, help="folder of the result")
    words.add_argument("--smoke", action="store_true", help="one step of everything, on digits; name another --out")
    args = words.parse_args(arguments)
    args.out.mkdir(parents=True, exist_ok=True)
    if args.name == "cifar10":
        cifar10.gather(args.folders, args.out)
    else:
        study = transfer.study if args.name == "transfer" else squeeze.study
        study(args.root, args.out, args.smoke, args.out / "cache" if args.smoke else Path("runs", args.name))


if __name__ == "__main__":
    main()
