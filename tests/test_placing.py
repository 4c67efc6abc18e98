"""The options that commands share: which of them go together, and that none is ignored."""

from importlib import import_module

import pytest

from pgssllint.cli import COMMANDS
from pgssllint.cli.parser import Parser


class BuiltError(Exception):
    """Ends a command as soon as its parser is made."""

    def __init__(self, parser: Parser) -> None:
        self.parser = parser


def parser_of(command: str, monkeypatch: pytest.MonkeyPatch) -> Parser:
    def stop(parser: Parser, _: object = None) -> None:
        raise BuiltError(parser)

    with monkeypatch.context() as patch:
        patch.setattr(Parser, "parse_args", stop)
        with pytest.raises(BuiltError) as built:
            import_module(f"pgssllint.cli.{command}").main([])
    return built.value.parser


@pytest.mark.parametrize("command", COMMANDS)
def test_each_option_with_one_value_is_refused_twice(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is not said to be repeatable; what is, and flags, which lose nothing, are taken again."""
    parser = parser_of(command, monkeypatch)
    once = [one for one in parser._actions if one.option_strings and one.nargs is None and one.const is None]
    appended = [one for one in once if isinstance(one.default, list) or (command, one.dest) in REPEATED]
    assert "--format" in {option for one in once for option in one.option_strings} or command == "explain"
    for action in once:
        option, value = action.option_strings[-1], SAMPLES.get(action.dest, "x")
        value = next(iter(action.choices)) if action.choices else value
        twice = [f"{option}={value}", f"{option}={value}", "x"]
        if action in appended:
            assert len(getattr(parser.parse_args(twice), action.dest)) == 2
            continue
        with pytest.raises(SystemExit) as end:
            parser.parse_args(twice)
        assert end.value.code == 2
        assert f"Option '{option}': it is given twice" in capsys.readouterr().err


REPEATED = {("check", "format")}
"""What is taken several times, without a default."""

SAMPLES = {
    "map": "/x=y", "set": "ssl=on", "pg_version": "16", "openssl": "3.0", "upgrade_to": "18", "libpq": "14",
    "at": "2026-12-31",
}  # fmt: skip
"""A right value for each option that checks its value, by its name; any other takes `x`."""
