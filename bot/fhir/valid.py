"""Whether a resource is valid FHIR R4, with the path of everything that is not (v)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

_MOST = 200  #: problems listed


def problems(resource: Mapping[str, Any], path: str) -> list[str]:
    """One line a problem, "PATH: what is wrong"; none where it is valid.

    Checked against fhir.resources' R4B models (FHIR 4.3): the library has no older R4, and for the
    resources that the house reads and writes the two are the same.
    """
    kind = resource.get("resourceType")
    if not isinstance(kind, str):
        return [f"{path}.resourceType: missing"]
    model = _model(kind)
    if model is None:
        return [f"{path}.resourceType: {kind[:40]} is no FHIR resource"]
    given, found = dict(resource), []
    # The library looks for missing elements only where the others are right.
    for _ in range(3):
        try:
            model.model_validate(given)
        except ValidationError as error:
            errors = error.errors(include_url=False)[:_MOST]
            found += [_line(path, one) for one in errors]
            wrong = {str(one["loc"][0]) for one in errors if one["loc"]} & given.keys()
            if not wrong:
                break
            given = {name: value for name, value in given.items() if name not in wrong}
        else:
            break
    return list(dict.fromkeys(found))


def _model(kind: str) -> Any:
    from fhir.resources.R4B import get_fhir_model_class

    try:
        return get_fhir_model_class(kind)
    except ValueError:
        return None


def _line(path: str, error: Any) -> str:
    place = "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}"
        for part in error["loc"]
        if isinstance(part, int) or not str(part).endswith(")")
    )
    said = " ".join(str(error["msg"]).split())
    return f"{path}{place}: {said}"
