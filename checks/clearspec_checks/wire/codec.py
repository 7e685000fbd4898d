"""Commands and states as JSON and back, by the annotations of their classes.

What is read is hostile: every refusal says where it stands, what it is, and what would be right.
"""

import json
from difflib import get_close_matches
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs

from clearspec.core.table import Id, Table

MOST_BYTES = 1_000_000
MOST_DIGITS = 40
MOST_LEVELS = 20
LONGEST_ID = 100
EXACT_IN_JSON = 2**53
"""Readers that keep numbers as doubles lose integers from here on, so they are written as strings."""


class Malformed(ValueError):
    """What was read is not what it should be."""

    def __init__(self, path: str, found: str, expected: str) -> None:
        self.path, self.found, self.expected = path, found, expected
        super().__init__(f"{path}: {found}; expected {expected}")


def encode(value: Any) -> Any:
    """A value as JSON: a frozen class or a table as an object, an enum by name, a large integer as a string."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, int):
        return value if abs(value) < EXACT_IN_JSON else str(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, tuple):
        return [encode(each) for each in value]
    if isinstance(value, Table):
        return {str(key): encode(row) for key, row in value.rows()}
    return {each.name: encode(getattr(value, each.name)) for each in attrs.fields(type(value))}


def encode_command(command: Any) -> dict[str, Any]:
    """A command as {"Type": {fields}}."""
    return {type(command).__name__: encode(command)}


def decode_command(types: tuple[type, ...], value: Any, path: str) -> Any:
    """The command written as {"Type": {fields}}, one of these types."""
    known = {each.__name__: each for each in types}
    if not isinstance(value, dict) or len(value) != 1:
        raise Malformed(path, describe(value), 'an object with one key, {"Command": {fields}}')
    [(name, fields)] = value.items()
    if name not in known:
        raise Malformed(path, f"no command {name[:60]!r}", one_of(name, known))
    return decode(known[name], fields, f"{path}.{name}")


def decode(annotation: Any, value: Any, path: str) -> Any:
    """The value of an annotated field."""
    while hasattr(annotation, "__supertype__"):
        annotation = annotation.__supertype__
    if get_origin(annotation) in (Union, UnionType):
        return _decode_optional(annotation, value, path)
    if get_origin(annotation) is tuple:
        return _decode_tuple(annotation, value, path)
    if get_origin(annotation) is Table:
        return _decode_table(annotation, value, path)
    if annotation is bool:
        if not isinstance(value, bool):
            raise Malformed(path, describe(value), "true or false")
        return value
    if annotation is int:
        return decode_integer(value, path)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        if not isinstance(value, str) or value not in annotation.__members__:
            raise Malformed(path, describe(value), one_of(value, annotation.__members__))
        return annotation[value]
    if isinstance(annotation, type) and issubclass(annotation, Id):
        if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID or not value.isprintable():
            raise Malformed(path, describe(value), f"a name of 1 to {LONGEST_ID} printable characters")
        return annotation(value)
    if attrs.has(annotation):
        return _decode_fields(annotation, value, path)
    raise TypeError(f"{path}: a field of type {annotation} cannot be read from JSON")


def decode_integer(value: Any, path: str) -> int:
    """An integer, written as a number or as a decimal string."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        digits = value.removeprefix("-")
        if len(digits) > MOST_DIGITS:
            raise Malformed(path, f"a number of {len(digits)} digits", f"at most {MOST_DIGITS} digits")
        if digits.isascii() and digits.isdecimal():
            return int(value)
    raise Malformed(path, describe(value), 'an integer such as 150 or "150"')


def _decode_optional(annotation: Any, value: Any, path: str) -> Any:
    options = [each for each in get_args(annotation) if each is not NoneType]
    if value is None and NoneType in get_args(annotation):
        return None
    if len(options) != 1:
        raise TypeError(f"{path}: a field of type {annotation} cannot be read from JSON")
    return decode(options[0], value, path)


def _decode_tuple(annotation: Any, value: Any, path: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise Malformed(path, describe(value), "a list")
    entry = get_args(annotation)[0]
    return tuple(decode(entry, each, f"{path}[{i}]") for i, each in enumerate(value))


def _decode_table(annotation: Any, value: Any, path: str) -> "Table[Any, Any]":
    if not isinstance(value, dict):
        raise Malformed(path, describe(value), "an object with a row for each id")
    key, row = get_args(annotation)
    return Table({decode(key, name, path): decode(row, each, f"{path}.{name[:60]}") for name, each in value.items()})


def _decode_fields(kind: type, value: Any, path: str) -> Any:
    if not isinstance(value, dict):
        raise Malformed(path, describe(value), f"an object with the fields of {kind.__name__}")
    hints = get_type_hints(kind)
    names = [each.name for each in attrs.fields(kind)]
    for name in value:
        if name not in names:
            raise Malformed(path, f"no field {name[:60]!r} in {kind.__name__}", one_of(name, names))
    for each in attrs.fields(kind):
        if each.name not in value and each.default is attrs.NOTHING:
            raise Malformed(path, f"{kind.__name__} without {each.name!r}", f"the fields {', '.join(names)}")
    return kind(**{name: decode(hints[name], each, f"{path}.{name}") for name, each in value.items()})


def parse(text: bytes, what: str = "the file") -> Any:
    """JSON of bounded size and depth, without duplicate keys."""
    if len(text) > MOST_BYTES:
        raise Malformed("$", f"{what} has {len(text):,} bytes", f"at most {MOST_BYTES:,}")
    try:
        parsed = json.loads(text.decode("utf-8"), parse_int=_parse_integer, object_pairs_hook=_without_duplicates)
        _measure_depth(parsed, "$", MOST_LEVELS)
    except UnicodeDecodeError as error:
        raise Malformed("$", f"byte {error.start} is not UTF-8", "JSON in UTF-8") from None
    except json.JSONDecodeError as error:
        raise Malformed(f"line {error.lineno} column {error.colno}", error.msg, "valid JSON") from None
    except RecursionError:
        raise Malformed("$", "nested too deep", f"at most {MOST_LEVELS} levels") from None
    return parsed


def _parse_integer(text: str) -> int:
    digits = text.removeprefix("-")
    if len(digits) > MOST_DIGITS:
        raise Malformed("$", f"a number of {len(digits)} digits", f"at most {MOST_DIGITS} digits")
    return int(text)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise Malformed("$", f"the key {key[:60]!r} stands twice in one object", "each key once")
        found[key] = value
    return found


def _measure_depth(value: Any, path: str, levels: int) -> None:
    if levels == 0:
        raise Malformed(path, "nested too deep", f"at most {MOST_LEVELS} levels")
    if isinstance(value, dict):
        for key, each in value.items():
            _measure_depth(each, f"{path}.{key[:60]}", levels - 1)
    elif isinstance(value, list):
        for i, each in enumerate(value):
            _measure_depth(each, f"{path}[{i}]", levels - 1)


def describe(value: Any) -> str:
    """What a value is, in so many characters."""
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


def one_of(found: Any, known: Any) -> str:
    """The known names, the closest one first when there is one."""
    names = list(known)
    close = get_close_matches(str(found)[:100], names, 1)
    listed = ", ".join(names[:30]) + (" ..." if len(names) > 30 else "")
    return f"{close[0]!r}, or another of {listed}" if close else f"one of {listed}"
