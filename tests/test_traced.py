"""Text that a tool makes leads back, character for character, to where it was written."""

from hypothesis import given
from hypothesis import strategies as st

from pgssllint.text import Home, Source, Span
from pgssllint.traced import By, Cutter, Traced, converted, joined, own, virtual, written

ORIGIN = Source("/r/compose.yaml", b"a: |\n  host all\n  local all\nb: 'it''s'\n")


def _block() -> Traced:
    """The value of the block scalar: two lines without their indentation."""
    return joined([written(ORIGIN, Span(7, 16)), written(ORIGIN, Span(18, 28))])


def test_a_block_scalar_is_led_home_line_by_line() -> None:
    file = virtual("/r/compose.yaml#pg_hba.conf", _block())

    assert file.text == "host all\nlocal all\n"
    assert file.home(Span(9, 14)) == Home(ORIGIN, Span(18, 23), True)
    assert file.home(Span(5, 14)) == Home(ORIGIN, Span(12, 23), True)
    assert file.home(Span(9, 9)) == Home(ORIGIN, Span(18, 18), True)
    assert file.home(Span(19, 19)) == Home(ORIGIN, Span(28, 28), True)


def test_what_the_tool_wrote_leads_to_its_cause_and_beside_a_users_word_to_that() -> None:
    key = Span(0, 1)
    text = own("ssl = ", ORIGIN, key, "a") + written(ORIGIN, Span(7, 11)) + own("\n", ORIGIN, key, "a")
    file = virtual("/v/postgresql.conf", text)

    assert file.home(Span(0, 3)) == Home(ORIGIN, key, False)
    assert file.home(Span(0, 11)) == Home(ORIGIN, Span(7, 11), True)
    assert file.home(Span(2, 2)) == Home(ORIGIN, key, False)
    assert virtual("/v/empty", Traced()).home(Span(0, 0)).is_users is False


def test_an_escape_leads_to_the_whole_of_it() -> None:
    text = written(ORIGIN, Span(32, 34)) + converted("'", ORIGIN, Span(34, 36)) + written(ORIGIN, Span(36, 37))

    assert text.text == "it's"
    assert text.part(2, 3).home() == Home(ORIGIN, Span(34, 36), True)
    assert text.part(1, 4).home() == Home(ORIGIN, Span(33, 37), True)


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9), st.sampled_from(["user", "coarse", "own"]))), st.data()
)
def test_parts_of_a_text_are_led_home_as_the_text_is(pieces: list[tuple[int, int, str]], data: st.DataObject) -> None:
    def piece(at: int, length: int, kind: str) -> Traced:
        span = Span(at, min(at + length, len(ORIGIN.text)))
        if kind == "user":
            return written(ORIGIN, span)
        return converted("x" * length, ORIGIN, span) if kind == "coarse" else own("y" * length, ORIGIN, span, "a")

    text = joined(piece(*one) for one in pieces)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    cut = text.part(start, end)

    assert cut.text == text.text[start:end]
    assert Cutter(text).part(start, end) == cut
    assert sum(run.length for run in cut.runs) == len(cut.text)
    if start < end:
        assert virtual("/v", text).home(Span(start, end)) == cut.home()
    assert joined(text.lines()).text == text.text
    runs_of_characters = [one for one in text.runs for _ in range(one.length)]
    for offset, run in enumerate(runs_of_characters):
        home = virtual("/v", text).home(Span(offset, offset + 1))
        assert home.is_users is (run.by is By.USER)
        if text.text[offset] not in "xy":
            assert ORIGIN.text[home.span.start : home.span.end] == text.text[offset]


def test_what_is_not_known_is_masked_and_nothing_else() -> None:
    text = (
        written(ORIGIN, Span(7, 11)) + own("${X}", ORIGIN, Span(0, 1), "X", By.UNKNOWN) + written(ORIGIN, Span(11, 15))
    )

    assert not text.is_known
    assert text.masked("?") == "host???? all"
    assert text.part(0, 4).is_known
    assert text.part(0, 4).masked("?") == "host"
