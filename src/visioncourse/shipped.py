"""Where the files lie that the project ships beside its code: trained weights and recorded results."""

from __future__ import annotations

from pathlib import Path

from visioncourse.textual import unknown

HERE = Path(__file__).parent
IN_CHECKOUT = {"weights": Path("data", "weights"), "results": Path("results")}


def shipped_folder(kind: str) -> Path:
    """Return the folder of "weights" or "results": inside an installed package, or in a checkout beside ``src``.

    Raises:
        FileNotFoundError: where the package was installed without them.
    """
    places = [HERE / "shipped" / kind, HERE.parents[1] / IN_CHECKOUT[kind]]
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(f"{kind} are missing: {str(places[0])!r} does not exist; install visioncourse again.")


def shipped_file(kind: str, name: str, ending: str) -> Path:
    """Return the path of one shipped file.

    Args:
        kind: "weights" or "results".
        name: of the file, without its ending.
        ending: with its dot.

    Raises:
        ValueError: for a name that is not there, with the nearest ones.
    """
    folder = shipped_folder(kind)
    known = [path.name.removesuffix(ending) for path in folder.glob(f"*{ending}")]
    if name not in known:
        raise ValueError(unknown(kind, name, known))
    return folder / f"{name}{ending}"
