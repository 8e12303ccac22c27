"""What a training run leaves behind: one row an epoch."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class History:
    """Per-epoch figures of one training run; every list has one entry an epoch.

    Attributes:
        loss: mean training loss over the epoch, measured while the weights still moved.
        accuracy: training accuracy in [0, 1], likewise; NaN where outputs are not logits of one class.
        valid_loss: loss on held-out images after the epoch; empty without a validation set.
        valid_accuracy: accuracy in [0, 1] on held-out images after the epoch.
        lr: learning rate of the first parameter group at the end of the epoch.
        seconds: wall time of the epoch, validation included.
        precision: number format that was used.
        device: device that was used.
    """

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    valid_loss: list[float] = field(default_factory=list)
    valid_accuracy: list[float] = field(default_factory=list)
    lr: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    precision: str = "float32"
    device: str = "cpu"

    @property
    def epochs(self) -> int:
        """How many epochs are over."""
        return len(self.loss)

    def as_dict(self) -> dict[str, Any]:
        """Return plain lists and strings, ready for JSON."""
        return asdict(self)

    def table(self) -> str:
        """Return one text line an epoch; measured numbers follow the sign ≈."""
        return "\n".join(self._row(epoch) for epoch in range(self.epochs))

    def _row(self, epoch: int) -> str:
        """Return the line of one epoch."""
        row = f"epoch {epoch + 1:3d}   loss ≈ {self.loss[epoch]:6.4f}   train ≈ {self.accuracy[epoch]:6.1%}"
        if self.valid_accuracy:
            row += f"   valid ≈ {self.valid_accuracy[epoch]:6.1%}"
        return row
