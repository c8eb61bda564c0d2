"""Turn into a program that ends with its parent, as another account when told to.

Run as a script by `callbox.running.children`, so that nothing has to happen between `fork` and
`exec` in the supervisor:

    python -I -S launch.py PARENT SIGNAL ACCOUNT REACH -- PROGRAM ARGUMENT...

PARENT is the process id whose end ends the program by SIGNAL (a number). ACCOUNT is "-" or
"uid:gid": PostgreSQL refuses to run as root. REACH is "1" when that account could not enter the
folders that lead to its files: a checkout under /root, say. It then keeps the one capability that
lets it walk there, instead of opening the folders to everybody.

Standard library only: it runs without site-packages.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
PR_SET_SECUREBITS = 28
SECBIT_NO_SETUID_FIXUP = 1 << 2
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
CAPABILITY_VERSION_3 = 0x20080522  # linux/capability.h


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def become(libc: ctypes.CDLL, uid: int, gid: int, *, reach: bool) -> None:
    """Turn from root into an ordinary account, with one capability kept or none."""
    if reach:
        # Capabilities outlive the change of account, and access(2), which PostgreSQL asks about
        # its own programs, counts them too.
        libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    # A container may lack the milder of the two. Without either, PostgreSQL says what it cannot
    # open, which is the clearest message there is.
    if reach and not (keep(libc, CAP_DAC_READ_SEARCH) or keep(libc, CAP_DAC_OVERRIDE)):
        set_capabilities(libc, 0)


def keep(libc: ctypes.CDLL, capability: int) -> bool:
    """Keep one capability, also across exec, and drop all others; False if we lack it."""
    return set_capabilities(libc, 1 << capability) and not libc.prctl(
        PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0
    )


def set_capabilities(libc: ctypes.CDLL, bits: int) -> bool:
    """Have these capabilities and no others; False if one of them is not ours to have."""
    header = _Header(CAPABILITY_VERSION_3, 0)
    sets = (_Sets * 2)(_Sets(bits, bits, bits), _Sets(0, 0, 0))
    return bool(libc.capset(ctypes.byref(header), sets) == 0)


def main(arguments: list[str]) -> None:
    """Read the arguments, prepare the process and turn into the program."""
    parent, signal, account, reach, separator, *program = arguments
    if separator != "--" or not program:
        raise SystemExit("launch.py: expected -- and a program")
    libc = ctypes.CDLL(None, use_errno=True)
    if account != "-":
        uid, gid = (int(part) for part in account.split(":"))
        become(libc, uid, gid, reach=reach == "1")
    # Last: the kernel forgets this wish when an account changes.
    if sys.platform == "linux":
        libc.prctl(PR_SET_PDEATHSIG, int(signal), 0, 0, 0)
    if os.getppid() != int(parent):  # the parent ended before the wish was heard
        raise SystemExit(1)
    os.execv(program[0], program)  # noqa: S606  # that is what this file is for


if __name__ == "__main__":
    main(sys.argv[1:])
