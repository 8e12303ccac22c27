"""Ship the weights of a finished run: python tools/ship_weights.py RUN SET RECIPE.

Copies the run's weights into data/weights, with a card, and enters them into the index that ``create`` reads.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "data" / "weights"
CARD = """# {model} trained on {data}

| | |
|---|---|
| File | `{file}`, {kilobytes:,.0f} kB, {parameters:,} parameters, float32 |
| Load | `visioncourse.models.create("{model}", {num_classes}, {in_chans}, weights="{data}")`, which compares the hash |
| SHA-256 | `{sha256}` |
| Input | images `(b, {in_chans}, 32, 32)` in [0, 1], not normalised |
| Output | logits of {num_classes} classes |
| Trained on | `{data}`, split `train` of `visioncourse.data.load` ({held_out}) |
| Recipe | `src/visioncourse/train/recipes/{recipe}.toml`, seed {seed}, {epochs} epochs |
| Command | `{command}` |
| Accuracy | {test_accuracy:.2%} on the test images, looked at once; {valid_accuracy:.2%} on the held-out ones |
| Hardware | {hardware} |
| Versions | {versions} |

**Intended use.** Teaching: features for lessons on transfer learning and interpretability.
Not for decisions about anything in the world.

**Limits.** One training run. Photographs of ten kinds of things at 32×32 pixels; a picture of anything else gets one of
the ten names.

**Licence.** The weights are ours, CC BY 4.0. The authors of CIFAR-10 state no licence for the images; cite
A. Krizhevsky 2009, *Learning Multiple Layers of Features from Tiny Images*. The file holds weights only, no image.
"""


def ship(run: Path, data: str, recipe: str) -> Path:
    """Copy weights, write the card and the index; return the path of the weights."""
    facts: dict[str, Any] = json.loads((run / "run.json").read_text("utf-8"))
    model, classes = facts["model"], facts.get("num_classes", 10)
    path = FOLDER / f"{data}_{model}.safetensors"
    FOLDER.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(run / "weights.safetensors", path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    entry = {"file": path.name, "sha256": sha256, "num_classes": classes, "in_chans": facts.get("in_chans", 3)}
    index_file = FOLDER / "index.json"
    index = json.loads(index_file.read_text("utf-8")) if index_file.exists() else {}
    index_file.write_text(json.dumps(index | {f"{model}/{data}": entry}, indent=1) + "\n", "utf-8")
    command = (
        f"python -m visioncourse.train --recipe {recipe} --seed {facts['seed']} --epochs {facts['recipe']['epochs']}"
    )
    words = entry | facts | {
        "data": data, "recipe": recipe, "command": command, "epochs": facts["recipe"]["epochs"],
        "kilobytes": path.stat().st_size / 1000, "held_out": "a tenth of the authors' training images held out",
        "versions": ", ".join(f"{name} {number}" for name, number in facts["versions"].items()),
    }  # fmt: skip
    path.with_suffix(".md").write_text(CARD.format(**words), "utf-8")
    return path


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("run", type=Path, help="folder that python -m visioncourse.train has written")
    words.add_argument("data", help="name of the set, which becomes the name of the weights")
    words.add_argument("recipe", help="name of the recipe")
    args = words.parse_args()
    print(ship(args.run, args.data, args.recipe))
