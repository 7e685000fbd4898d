"""Commands as JSON and back; what is wrong is refused with its place."""

from enum import Enum

import pytest
from attrs import frozen

import toy
from clearspec import registry
from clearspec.core.choices import SeededChoices
from clearspec.core.machine import Accepted
from clearspec.core.quantities import Lots
from clearspec_checks.wire.codec import MOST_BYTES, Malformed, decode, decode_command, encode, encode_command, parse

Colour = Enum("Colour", "RED BLUE")


@frozen
class Part:
    size: Lots
    colour: Colour


@frozen
class Whole:
    parts: tuple[Part, ...]
    price: Lots | None
    urgent: bool


WHOLE = Whole((Part(Lots(3), Colour.RED), Part(Lots(2**70), Colour.BLUE)), None, True)


def test_a_round_trip_keeps_every_field():
    assert decode(Whole, encode(WHOLE), "$") == WHOLE


def test_large_integers_are_written_as_strings():
    assert encode(2**53) == "9007199254740992"
    assert encode(-(2**53)) == "-9007199254740992"
    assert encode(2**53 - 1) == 2**53 - 1


@pytest.mark.parametrize("machine", [toy.MACHINE, *map(registry.find, registry.names())], ids=lambda each: each.name)
def test_every_command_of_a_campaign_survives_a_round_trip(machine):
    state, choices = machine.spec.initial, SeededChoices(7)
    for _ in range(500):
        command = machine.drive.generate(state, choices)
        assert decode_command(machine.spec.commands, encode_command(command), "$") == command
        outcome = machine.step(state, command)
        if isinstance(outcome, Accepted):
            state = outcome.state


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"Opne": {"account": "a"}}, r"\$: no command 'Opne'; expected 'Open'"),
        ([], r"\$: \[\]; expected an object with one key"),
        ({"Open": {}}, r"\$\.Open: Open without 'account'"),
        ({"Open": {"acount": "a"}}, r"no field 'acount' in Open; expected 'account'"),
        ({"Open": {"account": ""}}, r"\$\.Open\.account: \"\"; expected a name"),
        ({"Open": {"account": "a\nb"}}, r"expected a name of 1 to 100 printable"),
        ({"Open": {"account": "a" * 101}}, r"expected a name of 1 to 100 printable"),
        ({"Open": {"account": 3}}, r"\$\.Open\.account: 3"),
        ({"Deposit": {"account": "a", "amount": 1.5}}, r"\$\.Deposit\.amount: 1\.5; expected an integer"),
        ({"Deposit": {"account": "a", "amount": True}}, r"amount: true; expected an integer"),
        ({"Deposit": {"account": "a", "amount": "1e5"}}, r"amount: \"1e5\"; expected an integer"),
        ({"Deposit": {"account": "a", "amount": "٣"}}, r"expected an integer"),
        ({"Deposit": {"account": "a", "amount": ""}}, r"expected an integer"),
        ({"Deposit": {"account": "a", "amount": "9" * 41}}, r"41 digits; expected at most 40"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(value, message):
    with pytest.raises(Malformed, match=message):
        decode_command(toy.MACHINE.spec.commands, value, "$")


def test_an_enum_is_read_by_name_and_the_closest_is_named():
    with pytest.raises(Malformed, match="'RED'"):
        decode(Part, {"size": 1, "colour": "RED "}, "$")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"{", r"line 1 column 2: .*; expected valid JSON"),
        (b"\xff", r"byte 0 is not UTF-8"),
        (b"[" * 100_000, r"nested too deep"),
        (b"[" * 30 + b"]" * 30, r"nested too deep"),
        (b"9" * 5_000, r"a number of 5000 digits"),
        (b'{"a": 1, "a": 2}', r"'a' stands twice"),
        (b" " * (MOST_BYTES + 1), r"1,000,001 bytes; expected at most 1,000,000"),
    ],
)
def test_hostile_files_are_refused(text, message):
    with pytest.raises(Malformed, match=message):
        parse(text)
