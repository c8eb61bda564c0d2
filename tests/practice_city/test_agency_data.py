"""Chicago's units and outlines agree with what the city publishes, and with each other."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import callbox.agency_data as agency_data
from callbox.agency_data import AgencyDataError, UnitData, read
from callbox.vocabulary import UnitKind

DISTRICTS = {f"{n:03}" for n in (*range(1, 13), *range(14, 21), 22, 24, 25)}


@pytest.fixture(scope="module")
def units() -> dict[str, UnitData]:
    return {unit.code: unit for unit in read("chicago").units}


def _polygons(geometry: Mapping[str, Any]) -> Iterator[list[list[float]]]:
    assert geometry["type"] == "Polygon"
    yield geometry["coordinates"][0]


def _inside(lon: float, lat: float, ring: list[list[float]]) -> bool:
    """Ray casting: an odd number of edges to the east means inside."""
    inside = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def test_the_city_has_22_districts_in_five_areas_and_275_beats(units: dict[str, UnitData]) -> None:
    kinds = Counter(unit.kind for unit in units.values())
    assert kinds == {
        UnitKind.DEPARTMENT: 1,
        UnitKind.BUREAU: 3,
        UnitKind.OFFICE: 3,
        UnitKind.AREA: 5,
        UnitKind.DISTRICT: 22,
        UnitKind.BEAT: 275,
    }
    assert {code for code, unit in units.items() if unit.kind is UnitKind.DISTRICT} == DISTRICTS
    assert units["011"].name == "011th District, Harrison"
    assert units["022"].name.startswith("022nd District")


def test_a_beat_lies_under_the_district_that_its_number_names(units: dict[str, UnitData]) -> None:
    beats = [unit for unit in units.values() if unit.kind is UnitKind.BEAT]
    assert all(beat.parent == f"0{beat.code[:2]}" for beat in beats)


def test_every_district_and_beat_has_a_closed_outline(units: dict[str, UnitData]) -> None:
    outlines = read("chicago").outlines
    ground = {c for c, u in units.items() if u.kind in (UnitKind.DISTRICT, UnitKind.BEAT)}
    assert set(outlines) == ground
    for geometry in outlines.values():
        for ring in _polygons(geometry):
            assert len(ring) >= 4
            assert ring[0] == ring[-1]


def test_every_station_stands_in_its_own_district_and_in_no_other(
    units: dict[str, UnitData],
) -> None:
    outlines = read("chicago").outlines
    for code in DISTRICTS:
        station = units[code].station
        assert station is not None
        assert station.lat is not None
        assert station.lon is not None
        homes = [
            other
            for other in DISTRICTS
            if any(_inside(station.lon, station.lat, ring) for ring in _polygons(outlines[other]))
        ]
        assert homes == [code]


def test_an_unknown_agency_is_named_with_the_known_ones() -> None:
    with pytest.raises(AgencyDataError, match=r"“springfield”.*chicago"):
        read("springfield")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ('[{"code":"A","name":"A","kind":"castle","parent":null}]', "castle"),
        ('[{"code":"A","name":"A","kind":"area","parent":"B"}]', "before its parent B"),
        ('[{"code":"A","name":"A","kind":"area"}]', "parent"),
        ("[", "not JSON"),
        (
            '[{"code":"A","name":"A","kind":"area","parent":null},'
            '{"code":"A","name":"A","kind":"area","parent":"A"}]',
            "there twice",
        ),
        (
            '[{"code":"A","name":"A","kind":"area","parent":null},'
            '{"code":"B","name":"B","kind":"area","parent":null}]',
            "second top unit",
        ),
    ],
)
def test_wrong_files_are_refused_with_words(
    rows: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "town").mkdir()
    (tmp_path / "town" / "units.json").write_text(rows)
    monkeypatch.setattr(agency_data, "_HERE", tmp_path)
    read.cache_clear()
    with pytest.raises(AgencyDataError, match=words):
        read("town")
    read.cache_clear()


def test_an_outline_of_nothing_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "town"
    folder.mkdir()
    (folder / "units.json").write_text('[{"code":"A","name":"A","kind":"area","parent":null}]')
    (folder / "b.geojson").write_text('{"features":[{"properties":{"code":"Z"},"geometry":{}}]}')
    monkeypatch.setattr(agency_data, "_HERE", tmp_path)
    read.cache_clear()
    with pytest.raises(AgencyDataError, match="no unit is called Z"):
        read("town")
    read.cache_clear()
