"""The `tierwise` command."""

import sys


def main() -> None:
    """Run the command line; the server takes a short cut past everything it does not need."""
    if sys.argv[1:2] == ["serve"]:
        from tierwise.cli.serve import main as serve

        serve(sys.argv[2:])
    from tierwise.cli.app import main as run_command

    run_command()


if __name__ == "__main__":
    main()
