"""Where results go: tables to the terminal, JSON to a file or to standard output, never half of it."""

import json
import os
import stat
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from clearspec_cli.refusal import Refused

WIDTH = 132
"""The width of tables that do not go to a terminal."""


class Output:
    """The output of one command.

    Made before the work begins, so that a file that cannot be written is refused at once.  With `-`
    as the file, standard output carries the JSON and nothing else.
    """

    def __init__(self, json_file: str | None) -> None:
        self._file = json_file
        if json_file is not None and json_file != "-":
            refuse_unwritable(Path(json_file))
        tty = sys.stdout.isatty()
        self._console = Console(
            quiet=json_file == "-",
            width=None if tty or "COLUMNS" in os.environ else WIDTH,
            highlight=False,
            soft_wrap=False,
        )

    def say(self, text: str = "", style: str | None = None) -> None:
        """One line or paragraph, as it is."""
        self._console.print(Text(text, style=style or ""), soft_wrap=True)

    def heading(self, text: str) -> None:
        """A heading."""
        self._console.print()
        self._console.print(f"[bold]{escape(text)}[/bold]")

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[Any]], numbers: Sequence[str] = ()) -> None:
        """A table; the columns named in `numbers` are aligned to the right."""
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0), show_header=any(columns))
        for column in columns:
            right = column in numbers
            table.add_column(column, justify="right" if right else "left", no_wrap=right, overflow="fold")
        for row in rows:
            table.add_row(*(each if isinstance(each, Text) else Text(str(each)) for each in row))
        self._console.print(table)

    def deliver(self, data: dict[str, Any]) -> None:
        """Write the JSON, if it was asked for: all of it or nothing."""
        if self._file is None:
            return
        text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
        if self._file == "-":
            sys.stdout.write(text)
            sys.stdout.flush()
        else:
            write_whole(Path(self._file), text)


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that it is never seen half written."""
    content = content.encode() if isinstance(content, str) else content
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(content)
            return
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.chmod(name, stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_umask())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise Refused(f"cannot write {path}: {error.strerror}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def refuse_unwritable(path: Path) -> None:
    """Refuse a file that cannot be written, before the work that its content takes."""
    if path.is_dir():
        raise Refused(f"cannot write {path}: it is a directory; name a file")
    if not path.parent.is_dir():
        raise Refused(f"cannot write {path}: there is no directory {path.parent}")
    if path.exists() and not os.access(path, os.W_OK):
        raise Refused(f"cannot write {path}: permission denied")
    if path.exists() and not path.is_file():
        return
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}."):
            pass
    except OSError as error:
        raise Refused(f"cannot write {path}: {error.strerror}") from None


def counted(number: int, noun: str) -> str:
    """1 state, 2 states, 1,000 states."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
