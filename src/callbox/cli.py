"""The `callbox` command, for operators."""

import pkgutil
from importlib import import_module

import typer

from callbox import commands

app = typer.Typer(
    name="callbox",
    help="A police department's conversation with its community, on every network, on the record.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

for _module in pkgutil.iter_modules(commands.__path__, f"{commands.__name__}."):
    import_module(_module.name).register(app)


def main() -> None:
    """The entry point."""
    app()


if __name__ == "__main__":
    main()
