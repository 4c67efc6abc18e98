"""`pgssllint completion SHELL`: what makes a shell complete the command line."""

from collections.abc import Iterable, Iterator, Sequence

from pgssllint.cli.described import Described, Option, described
from pgssllint.cli.output import put
from pgssllint.cli.parser import Parser

_EPILOG = """\
examples:
  source <(pgssllint completion bash)
  pgssllint completion zsh > "${fpath[1]}/_pgssllint"
  pgssllint completion fish > ~/.config/fish/completions/pgssllint.fish
"""


def main(words: Sequence[str]) -> int:
    """Print the script; returns the exit status."""
    shell = options().parse_args(words).shell
    lines = {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](tuple(described()))
    put("".join(f"{line}\n" for line in lines))
    return 0


def options() -> Parser:
    """What the command takes."""
    parser = Parser("completion", "Prints what makes a shell complete the command line.", _EPILOG)
    parser.add_argument("shell", metavar="SHELL", choices=("bash", "zsh", "fish"), help="bash, zsh or fish")
    return parser


def _words_of(command: Described) -> tuple[str, ...]:
    """What may follow a command beside options and paths."""
    if command.name == "explain":
        from pgssllint.rulebook import rulebook

        return tuple(word for page in rulebook().pages.values() for word in (page.rule, page.name))
    if command.name == "help":
        return tuple(one.name for one in described())
    return ("bash", "zsh", "fish") if command.name == "completion" else ()


def _names(commands: Iterable[Described]) -> str:
    return "|".join(one.name for one in commands)


def _bash(commands: Sequence[Described]) -> Iterator[str]:
    yield "_pgssllint() {"
    yield '  local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}" command=check'
    yield "  COMPREPLY=()"
    yield '  if [ "$COMP_CWORD" -gt 1 ]; then'
    yield f'    case "${{COMP_WORDS[1]}}" in {_names(commands)}) command="${{COMP_WORDS[1]}}" ;; esac'
    yield "  fi"
    yield '  case "$command $prev" in'
    for command in commands:
        for option in command.options:
            pattern = "|".join(f"'{command.name} {name}'" for name in option.names)
            if option.choices:
                yield f"    {pattern}) {_bash_reply(option.choices)}; return ;;"
            elif option.value:
                # Without an answer of ours the shell completes names of files.
                yield f"    {pattern}) return ;;"
    yield "  esac"
    yield '  case "$command $cur" in'
    for command in commands:
        names = [name for option in command.options for name in option.names]
        yield f"    '{command.name} -'*) {_bash_reply(names)}; return ;;"
        if words := _words_of(command):
            yield f"    '{command.name} '*) {_bash_reply(words)}; return ;;"
    yield "  esac"
    yield f'  if [ "$COMP_CWORD" -eq 1 ]; then {_bash_reply([one.name for one in commands])}; fi'
    yield "}"
    yield "complete -o default -o bashdefault -F _pgssllint pgssllint"


def _bash_reply(words: Iterable[str]) -> str:
    return f"COMPREPLY=($(compgen -W '{' '.join(words)}' -- \"$cur\"))"


def _zsh(commands: Sequence[Described]) -> Iterator[str]:
    yield "#compdef pgssllint"
    yield "_pgssllint() {"
    yield "  local command=check"
    yield "  if (( CURRENT > 2 )); then"
    yield f"    case $words[2] in {_names(commands)}) command=$words[2]; shift words; (( CURRENT-- )) ;; esac"
    yield "  else"
    yield "    local -a commands=("
    yield from (f"      {_single(f'{one.name}:{one.what}')}" for one in commands)
    yield "    )"
    yield "    [[ $words[CURRENT] == -* ]] || _describe command commands"
    yield "  fi"
    yield "  case $command in"
    for command in commands:
        yield f"    {command.name})"
        rest = _words_of(command)
        last = f"*:word:({' '.join(rest)})" if rest else "*:file:_files" if command.takes_paths else "*:word: "
        specs = [_zsh_option(option, name) for option in command.options for name in option.names]
        yield f"      _arguments {' '.join(map(_single, (*specs, last)))} ;;"
    yield "  esac"
    yield "}"
    yield 'if [ "$funcstack[1]" = _pgssllint ]; then _pgssllint "$@"; else compdef _pgssllint pgssllint; fi'


def _zsh_option(option: Option, name: str) -> str:
    said = "".join(f"\\{c}" if c in "[]:\\" else c for c in option.help)
    if not option.value:
        return f"*{name}[{said}]"
    value = "".join(f"\\{c}" if c in "[]:\\" else c for c in option.value)
    action = f"({' '.join(option.choices)})" if option.choices else "_files" if option.is_path else " "
    return f"*{name}[{said}]:{value}:{action}"


def _single(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _fish(commands: Sequence[Described]) -> Iterator[str]:
    names = " ".join(one.name for one in commands)
    yield "function __pgssllint_command"
    yield "  set -l words (commandline -opc)"
    yield f"  if test (count $words) -gt 1; and contains -- $words[2] {names}"
    yield "    test $words[2] = $argv[1]"
    yield "  else"
    yield "    test $argv[1] = check"
    yield "  end"
    yield "end"
    for command in commands:
        first = "test (count (commandline -opc)) -eq 1"
        yield f"complete -c pgssllint -n {_fish_text(first)} -a {command.name} -d {_fish_text(command.what)}"
    for command in commands:
        when = f"complete -c pgssllint -n '__pgssllint_command {command.name}'"
        for option in command.options:
            spelt = " ".join(f"-l {n[2:]}" if n.startswith("--") else f"-s {n[1:]}" for n in option.names)
            takes = f" -x -a '{' '.join(option.choices)}'" if option.choices else " -r" if option.value else ""
            yield f"{when} {spelt}{takes} -d {_fish_text(option.help)}"
        if words := _words_of(command):
            yield f"{when} -f -a '{' '.join(words)}'"


def _fish_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
