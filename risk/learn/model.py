"""A learned model, read back from its folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from risk.learn import calibrate, design, folder
from risk.learn.calibrate import Calibrator
from risk.learn.people import Column, People, Roles

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from risk.learn.fit import Fitted


@dataclass(frozen=True, kw_only=True)
class LearnedModel:
    """What is needed to say a probability of a new person."""

    name: str
    version: str
    fitted: Fitted
    calibrator: Calibrator
    columns: tuple[Column, ...]  #: what a table must have
    roles: Roles
    typical: NDArray[np.float64]
    population: Mapping[str, Mapping[str, Any]]
    digest: str  #: SHA-256 of the folder's manifest

    def probability(self, people: People) -> NDArray[np.float64]:
        """Float64 [people], calibrated."""
        return self.calibrator(self.fitted.probability(people))


def plain(fitted: Fitted) -> dict[str, Any]:
    """A network as JSON; its numbers are in ``weights.safetensors``."""
    return {
        "candidate": asdict(fitted.candidate),
        "design": fitted.design.plain(),
        "shape": None if fitted.shape is None else asdict(fitted.shape),
        "epochs": fitted.epochs,
    }


def load(path: Path) -> LearnedModel:
    """Read a model folder. FolderError if a file is missing, added or changed."""
    import numpy as np
    from safetensors.numpy import load as tensors

    from risk.learn.fit import Candidate, Fitted
    from risk.learn.networks import Shape

    said = folder.described(path)
    if said["kind"] != "learned":
        raise folder.FolderError(f"{path} is no model that was learned from a table.")
    network = said["network"]
    shape = network["shape"]
    state = tensors((path / "weights.safetensors").read_bytes())
    fitted = Fitted(
        candidate=Candidate(**network["candidate"]),
        design=design.read(network["design"]),
        state={name: np.asarray(value) for name, value in state.items()},
        shape=shape and Shape(**{**shape, "levels": tuple(shape["levels"])}),
        epochs=network["epochs"],
    )
    roles: dict[str, Any] = {
        key: tuple(v) if isinstance(v, list) else v for key, v in said["roles"].items()
    }
    return LearnedModel(
        name=said["name"],
        version=said["version"],
        fitted=fitted,
        calibrator=calibrate.read(said["calibrator"]),
        columns=design.read({**network["design"], "columns": said["columns"]}).columns,
        roles=Roles(**roles),
        typical=np.array([np.nan if x is None else x for x in said["typical"]]),
        population=said["population"],
        digest=folder.digest(path),
    )
