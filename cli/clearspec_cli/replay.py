"""clearspec replay: recorded market data against the model."""

from pathlib import Path
from typing import Any

import attrs

from clearspec_cli.output import Output
from clearspec_cli.progress import progress
from clearspec_cli.refusal import Refused


def lobster(messages: str, orderbook: str | None, *, json: str | None) -> bool:
    """Replay a LOBSTER message file, and compare the best quotes with the order-book file if there is one."""
    output = Output(json)
    paths = [Path(each) for each in (messages, orderbook) if each is not None]
    for path in paths:
        refuse_unreadable(path)
    try:
        from clearspec_conformance.adapters.lobster import replay
    except ModuleNotFoundError as error:
        raise Refused(
            f"replaying needs {error.name}, which is not installed: pip install 'clearspec[conformance]'"
        ) from None
    with progress("replay lobster") as show:
        try:
            result = replay(paths[0], paths[1] if orderbook is not None else None, lambda done: show(done, "messages"))
        except ValueError as error:
            raise Refused(f"{' or '.join(map(str, paths))}: {error}") from None
    data: dict[str, Any] = attrs.asdict(result) if attrs.has(type(result)) else dict(vars(result))
    output.table(("", ""), [line for key, value in data.items() for line in _lines(key.replace("_", " "), value)])
    output.deliver(data)
    return bool(getattr(result, "ok", True))


def refuse_unreadable(path: Path) -> None:
    """Refuse a file that is not there or cannot be read."""
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise Refused(f"cannot read {path}: {error.strerror}") from None


def _lines(name: str, value: Any) -> list[tuple[str, str]]:
    """A figure on a line, or a line for each of its causes."""
    if isinstance(value, dict):
        return [(name, "0")] if not value else [(name, f"{count:,}  {cause}") for cause, count in value.items()]
    if isinstance(value, float):
        return [(name, f"{value:,.2f}")]
    return [(name, f"{value:,}" if isinstance(value, int) else str(value))]
