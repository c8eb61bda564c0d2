"""What is public and fixed about an agency: its units, their stations, their outlines.

One folder per agency, of data files only; `read("chicago")` gives them typed and checked, so that
whoever loads them into a database need not ask twice. A folder's README says where its facts come
from and which of them the department still has to confirm.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from callbox.vocabulary import UnitKind

_HERE = Path(__file__).parent


class AgencyDataError(Exception):
    """An agency's files are missing or contradict each other. `str()` says which and where."""


@dataclass(frozen=True, slots=True)
class StationData:
    """A building that people can walk into. Degrees WGS84; None where no source gives a point."""

    name: str
    address: str
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class UnitData:
    """One unit. `parent` is the code of the unit above, None for the department itself."""

    code: str
    name: str
    kind: UnitKind
    parent: str | None
    station: StationData | None = None


@dataclass(frozen=True, slots=True)
class AgencyData:
    """An agency's units, a parent always before its children, and GeoJSON outlines by unit code."""

    units: Sequence[UnitData]
    outlines: Mapping[str, Mapping[str, Any]]


@cache
def read(agency: str) -> AgencyData:
    """The data of one agency's folder. Raises AgencyDataError."""
    folder = _HERE / agency
    if not (folder / "units.json").is_file():
        known = ", ".join(sorted(path.parent.name for path in _HERE.glob("*/units.json")))
        raise AgencyDataError(f"No agency data for “{agency}”. Known: {known}.")
    units = tuple(_unit(row) for row in _json(folder / "units.json"))
    _check_tree(agency, units)
    return AgencyData(units, _outlines(agency, folder, {unit.code for unit in units}))


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise AgencyDataError(f"{path.name} is not JSON: {error}") from error


def _unit(row: Mapping[str, Any]) -> UnitData:
    try:
        station = StationData(**row["station"]) if row.get("station") else None
        return UnitData(row["code"], row["name"], UnitKind(row["kind"]), row["parent"], station)
    except (KeyError, TypeError, ValueError) as error:
        raise AgencyDataError(f"units.json, {dict(row)}: {error!r}") from error


def _check_tree(agency: str, units: Sequence[UnitData]) -> None:
    """One root, no code twice, and every parent before what is below it."""
    seen: set[str] = set()
    for unit in units:
        if unit.code in seen:
            raise AgencyDataError(f"{agency}: unit {unit.code} is there twice.")
        if unit.parent is None and seen:
            raise AgencyDataError(f"{agency}: {unit.code} is a second top unit.")
        if unit.parent is not None and unit.parent not in seen:
            raise AgencyDataError(f"{agency}: {unit.code} stands before its parent {unit.parent}.")
        seen.add(unit.code)


def _outlines(agency: str, folder: Path, codes: set[str]) -> Mapping[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for path in sorted(folder.glob("*.geojson")):
        for feature in _json(path)["features"]:
            code = str(feature["properties"]["code"])
            if code not in codes:
                raise AgencyDataError(f"{agency}/{path.name}: no unit is called {code}.")
            found[code] = feature["geometry"]
    return found
