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
            raise Refused(f"{messages}: {error}") from None
    data: dict[str, Any] = attrs.asdict(result) if attrs.has(type(result)) else dict(vars(result))
    output.table(("", ""), [(key.replace("_", " "), _shown(value)) for key, value in data.items()])
    output.deliver(data)
    return bool(getattr(result, "ok", True))


def refuse_unreadable(path: Path) -> None:
    """Refuse a file that is not there or cannot be read."""
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise Refused(f"cannot read {path}: {error.strerror}") from None


def _shown(value: Any) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.2f}" if isinstance(value, float) else str(value)
