"""Whatever kind of model answers a patient's question, used in the same way."""

from __future__ import annotations

from risk import points_model, projection
from risk.loader import kind_of, table
from risk.model import Model
from risk.model import load as regression
from risk.points_model import PointsModel
from risk.projection import Projection

AnyModel = Model | PointsModel | Projection


def open_model(name: str, *, variant: str = "base", horizon: int = 0) -> AnyModel:
    """The model ``name``; ``horizon`` 0 is its first. ValueError for one that assesses nobody."""
    kind = kind_of(name)
    if kind == "points":
        return points_model.load(name, variant=variant)
    if kind == "projection":
        return projection.load(name, variant=variant)
    if kind == "risk":
        return regression(name, variant=variant, horizon=horizon or table(name).info.horizons[0])
    raise ValueError(f"{name} is no model of a risk")
