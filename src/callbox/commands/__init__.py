"""The commands of `callbox`, one file for each group.

A file defines `register(app)`, which adds its commands; `callbox.cli` finds it by itself. Whatever
is slow to import (Django, the driver) is imported by running another module, or after
`with_django`, never at the top: `callbox --help` has to be quick.
"""
