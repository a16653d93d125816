"""The command `connector`."""

from __future__ import annotations


def main() -> None:
    """Runs the command line."""
    from connector.cli.app import app

    app()


if __name__ == "__main__":
    main()
