"""Who may do what: the whole table, as people can read it; and the rules around it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbox.rules.access import (
    BOUND_BY_DUTY,
    EVERYWHERE,
    ON_DUTY_ONLY,
    TABLE,
    Denied,
    Held,
    Standing,
    covers,
    refusal,
    require,
)
from callbox.vocabulary import Deed, Role

NOW = datetime(2026, 5, 14, 12, tzinfo=UTC)
DAY = timedelta(days=1)

#: Change it on purpose, with a reason that stands in policing.md: o officer, s supervisor,
#: n news affairs, r records, t tip handler, v oversight, a administrator.
AS_AGREED = """
read           o s n r . v .
reply          o s n . . . .
note           o s n r . . .
assign         o s n . . . .
close          o s n . . . .
merge          o s n . . . .
withdraw       o s n . . . .
publish        . . n . . . .
like           o s n . . . .
hide           . s n . . . .
take_over      . s n . . . .
read_deleted   . . . r . v .
verify         . s n r . v a
see_accounts   o s n r t v a
run_accounts   . . n . . . a
see_members    o s n r . v a
grant          . . . . . . a
waive_duty     . s n . . . .
"""
LETTERS = dict(zip(Role, "osnrtva", strict=True))


def test_the_table_is_as_agreed() -> None:
    rows = [
        f"{deed.value:<14} "
        + " ".join(LETTERS[role] if deed in TABLE[role] else "." for role in Role)
        for deed in Deed
    ]
    assert "\n".join(rows) == AS_AGREED.strip()


def standing(role: Role, path: str = "/PD/A4/011/", *, on_duty: bool = True) -> Standing:
    duty = ((NOW - DAY, NOW + DAY),) if on_duty else ()
    return Standing((Held(role, path, NOW - DAY),), duty)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("deed", Deed)
def test_the_table_decides(role: Role, deed: Deed) -> None:
    words = refusal(standing(role), deed, "/PD/A4/011/1122/", NOW)
    assert (words == "") is (deed in TABLE[role])
    if words:
        assert deed.value.replace("_", " ") in words
        with pytest.raises(Denied):
            require(standing(role), deed, "/PD/A4/011/", NOW)
    else:
        require(standing(role), deed, "/PD/A4/011/", NOW)


@pytest.mark.parametrize("deed", Deed)
def test_a_grant_covers_its_unit_and_what_is_below(deed: Deed) -> None:
    role = next(role for role in Role if deed in TABLE[role])
    for path, covered in {
        "/PD/A4/011/": True,
        "/PD/A4/011/1122/": True,
        "/PD/A4/": False,
        "/PD/A4/0111/": False,  # a code that only begins alike
        "/PD/A1/007/": False,
        "": False,
    }.items():
        allowed = refusal(standing(role), deed, path, NOW) == ""
        assert allowed is (covered or deed in EVERYWHERE), path


@pytest.mark.parametrize("role", Role)
def test_off_duty_binds_volunteers_in_what_the_public_sees(role: Role) -> None:
    for deed in TABLE[role]:
        words = refusal(standing(role, on_duty=False), deed, "/PD/A4/011/", NOW)
        bound = role in BOUND_BY_DUTY and deed in ON_DUTY_ONLY
        assert ("off duty" in words) is bound, deed


def test_another_role_that_is_not_bound_frees_from_duty() -> None:
    both = Standing(
        (
            Held(Role.OFFICER, "/PD/A4/011/", NOW - DAY),
            Held(Role.SUPERVISOR, "/PD/A4/011/", NOW - DAY),
        )
    )
    assert refusal(both, Deed.REPLY, "/PD/A4/011/", NOW) == ""
    elsewhere = Standing((both.grants[0], Held(Role.SUPERVISOR, "/PD/A1/", NOW - DAY)))
    assert "off duty" in refusal(elsewhere, Deed.REPLY, "/PD/A4/011/", NOW)


def test_who_is_switched_off_holds_nothing() -> None:
    off = Standing(standing(Role.ADMINISTRATOR).grants, active=False)
    assert "switched off" in refusal(off, Deed.GRANT, "", NOW)
    assert off.paths(Deed.GRANT, NOW) == frozenset()


@given(
    start=st.integers(-50, 50),
    length=st.integers(1, 50) | st.none(),
    at=st.integers(-60, 120),
)
def test_a_grant_and_a_duty_window_run_from_their_start_until_before_their_end(
    start: int, length: int | None, at: int
) -> None:
    begins, now = NOW + timedelta(minutes=start), NOW + timedelta(minutes=at)
    ends = begins + timedelta(minutes=length) if length else None
    runs = begins <= now and (ends is None or now < ends)
    held = Held(Role.SUPERVISOR, "/PD/", begins, ends)
    assert held.runs(now) is runs
    assert Standing((held,)).roles(now) == (frozenset({Role.SUPERVISOR}) if runs else frozenset())
    assert Standing(duty=((begins, ends or NOW + 99 * DAY),)).on_duty(now) is runs


@given(st.sets(st.sampled_from(["/PD/", "/PD/A4/", "/PD/A4/011/", "/PD/A1/"])))
def test_paths_cover_what_begins_with_them(paths: set[str]) -> None:
    for unit in ("/PD/A4/011/1122/", "/PD/A1/007/", "/PDX/"):
        assert covers(paths, unit) is any(unit.startswith(path) for path in paths)
