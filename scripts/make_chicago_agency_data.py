"""Rebuild Chicago's agency data from the city's open data.

    python scripts/make_chicago_agency_data.py SOURCE_FOLDER

SOURCE_FOLDER holds `chicago_police_districts.geojson`, `chicago_police_beats.geojson` and
`cpd_district_stations.csv`; `src/callbox/agency_data/chicago/README.md` says where they come from.
What is not in those files (bureaus, offices, which area a district belongs to) is written here.
"""

import argparse
import csv
import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parents[1] / "src" / "callbox" / "agency_data" / "chicago"
NOT_OURS = 31  # the city's file numbers two enclaves that are not Chicago as "31"
LOG = logging.getLogger(__name__)
DECIMALS = 5  # about one metre, finer than any map that we draw

Row = dict[str, Any]
Ring = list[list[float]]

HEADQUARTERS = {"name": "Public Safety Headquarters", "address": "3510 S Michigan Ave"}

OFFICES: Sequence[Row] = (
    {"code": "CPD", "name": "Chicago Police Department", "kind": "department", "parent": None},
    {"code": "ONA", "name": "Office of News Affairs", "kind": "office", "parent": "CPD"},
    {"code": "OCP", "name": "Office of Community Policing", "kind": "office", "parent": "CPD"},
    {"code": "FOIA", "name": "Records and Freedom of Information", "kind": "office",
     "parent": "CPD"},
    {"code": "BIA", "name": "Bureau of Internal Affairs", "kind": "bureau", "parent": "CPD"},
    {"code": "BOD", "name": "Bureau of Detectives", "kind": "bureau", "parent": "CPD"},
    {"code": "BOP", "name": "Bureau of Patrol", "kind": "bureau", "parent": "CPD"},
)  # fmt: skip

AREAS: Mapping[int, Sequence[int]] = {
    1: (2, 3, 7, 8, 9),
    2: (4, 5, 6, 22),
    3: (1, 12, 18, 19, 20, 24),
    4: (10, 11, 15),
    5: (14, 16, 17, 25),
}
# An area sits in the station of one of its districts, but for Area 3.
AREA_STATIONS = {1: 2, 2: 5, 4: 11, 5: 25}
AREA_3_STATION = {"name": "Area 3", "address": "2452 W Belmont Ave"}


def units(source: Path) -> Iterator[Row]:
    """Every unit, a parent always before what is below it."""
    stations = {row["code"]: row for row in _districts(source)}
    for office in OFFICES:
        yield {**office, "station": HEADQUARTERS} if office["code"] == "CPD" else dict(office)
    for area in AREAS:
        yield _area(area, stations)
    yield from stations.values()
    yield from _beats(source)


def _area(area: int, districts: Mapping[str, Row]) -> Row:
    home = AREA_STATIONS.get(area)
    station = districts[f"{home:03}"]["station"] if home else AREA_3_STATION
    return {
        "code": f"AREA-{area}",
        "name": f"Area {area}",
        "kind": "area",
        "parent": "BOP",
        "station": {**station, "name": f"Area {area}"},
    }


def _districts(source: Path) -> Iterator[Row]:
    area_of = {district: area for area, members in AREAS.items() for district in members}
    with (source / "cpd_district_stations.csv").open(newline="") as lines:
        for row in csv.DictReader(lines):
            number = int(row["district"])
            yield {
                "code": f"{number:03}",
                "name": f"{number:03}{_ending(number)} District, {row['name']}",
                "kind": "district",
                "parent": f"AREA-{area_of[number]}",
                "station": {
                    "name": f"{row['name']} station",
                    "address": f"{row['address']}, Chicago, IL {row['zip']}",
                    "lat": round(float(row["latitude"]), DECIMALS),
                    "lon": round(float(row["longitude"]), DECIMALS),
                },
            }


def _ending(number: int) -> str:
    """The English ordinal ending: 1st, 2nd, 3rd, 11th."""
    if number in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _beats(source: Path) -> Iterator[Row]:
    rows = (feature["properties"] for feature in _features(source / "chicago_police_beats.geojson"))
    for row in sorted(rows, key=lambda row: str(row["beat"])):
        yield {
            "code": row["beat"],
            "name": f"Beat {row['beat']}",
            "kind": "beat",
            "parent": f"{row['district']:03}",
        }


def _features(path: Path) -> list[Row]:
    features: list[Row] = json.loads(path.read_text())["features"]
    return [one for one in features if one["properties"]["district"] != NOT_OURS]


def outlines(features: Iterable[Row], code: str) -> list[Row]:
    """GeoJSON features with a `code` alone, their points rounded.

    Neighbours share their corner points in the source, so equal rounding keeps them meeting.
    """
    rows = [
        {
            "type": "Feature",
            "properties": {"code": code.format(**feature["properties"])},
            "geometry": {
                "type": feature["geometry"]["type"],
                "coordinates": [_ring(ring) for ring in feature["geometry"]["coordinates"]],
            },
        }
        for feature in features
    ]
    return sorted(rows, key=lambda row: row["properties"]["code"])


def _ring(points: Ring) -> Ring:
    """A polygon's ring, rounded, without points that fell together."""
    rounded = [[round(lon, DECIMALS), round(lat, DECIMALS)] for lon, lat in points]
    return [
        point
        for index, point in enumerate(rounded)
        if index == 0 or point != rounded[index - 1]
    ]  # fmt: skip


def write_lines(path: Path, opening: str, rows: Iterable[Row], closing: str) -> None:
    """JSON with one row a line, so that a change shows as a line in a diff."""
    lines = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    path.write_text(opening + "\n" + ",\n".join(lines) + "\n" + closing + "\n")
    LOG.info("%s: %s bytes", path.name, path.stat().st_size)


def main() -> None:
    """Write the three files."""
    parser = argparse.ArgumentParser(description="Rebuild Chicago's agency data.")
    parser.add_argument("source", type=Path, help="folder with the city's files")
    source: Path = parser.parse_args().source
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    write_lines(TARGET / "units.json", "[", units(source), "]")
    for name, code in (("districts", "{district:03}"), ("beats", "{beat}")):
        rows = outlines(_features(source / f"chicago_police_{name}.geojson"), code)
        collection = '{"type":"FeatureCollection","features":['
        write_lines(TARGET / f"{name}.geojson", collection, rows, "]}")


if __name__ == "__main__":
    main()
