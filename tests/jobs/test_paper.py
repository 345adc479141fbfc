from pathlib import Path

import pytest

from jobs import paper

FOLDER = Path(__file__).parent
HEAD = '#set document(title: "-", date: datetime(year: 2000, month: 1, day: 1))\n'


def test_a_typeface_is_complete_with_its_letters_and_styles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    typeface = paper.find_typeface()
    assert paper._is_complete(typeface)
    assert not paper._is_complete(typeface._replace(family="No Such Family"))
    monkeypatch.setattr(paper, "_VIETNAMESE", "漢")
    assert not paper._is_complete(typeface)


@pytest.mark.parametrize("text", ['a "quoted" word', "C:\\new", '\\"', "#panic() $x$ *bold*"])
def test_quoted_text_is_text_whatever_it_holds(text: str) -> None:
    compared = f"{HEAD}#assert.eq({paper.quote(text)}.len(), {len(text.encode())})\n-"
    assert paper.draw(folder=FOLDER, document=compared).startswith(b"%PDF")


def test_a_character_without_a_glyph_is_named() -> None:
    family = paper.quote(paper.find_typeface().family)
    document = f"{HEAD}#set text(font: {family}, fallback: false)\n漢"
    with pytest.raises(paper.PaperError, match="漢"):
        paper.draw(folder=FOLDER, document=document)


@pytest.mark.parametrize("text", ["a\x00b", "a\u202eb", "a\nb"])
def test_controls_are_refused(text: str) -> None:
    with pytest.raises(paper.PaperError):
        paper.refuse_controls([text])
