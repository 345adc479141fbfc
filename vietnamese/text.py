"""Vietnamese text: one stored form, one search form, one order of names."""

import re
import unicodedata

_MOST_MARKS = 30  # on one letter, as in the stream-safe text format of Unicode (UAX 15)
_PERHAPS_MARKS = re.compile(rf"[^\x00-\u02ff]{{{_MOST_MARKS + 1},}}")
_ETH_AS_D = str.maketrans("ðÐ", "đđ")  # eth stands for đ in many old spreadsheets
_D_WITH_STROKE = str.maketrans("đĐðÐ", "dddd")

_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_SHAPES = {("a", "\u0306"): "ă", ("a", "\u0302"): "â", ("e", "\u0302"): "ê"}
_SHAPES |= {("o", "\u0302"): "ô", ("o", "\u031b"): "ơ", ("u", "\u031b"): "ư"}
_ALPHABET = "0123456789aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_PLACES = {letter: str(place) for place, letter in enumerate(_ALPHABET, start=10)}
_FOREIGN_PLACE = "99"
_LONGEST_KEY = 255


def nfc(text: str) -> str:
    """The text in composed Unicode (NFC), the only form that is stored.

    A letter keeps at most 30 marks: no language has more, and ordering an endless row of them
    would take an endless time.
    """
    return text if text.isascii() else unicodedata.normalize("NFC", _bounded(text))


def fold(text: str) -> str:
    """The text as people search for it: no marks, đ as d, no capitals, single spaces.

    Two names that fold to the same text are taken for the same name. Folding twice changes
    nothing. The result can be longer than the text (ß becomes ss).
    """
    # No name has a NUL, and PostgreSQL would refuse to look for one.
    plain = text.replace("\0", " ")
    folded = _strip_marks(_strip_marks(plain).translate(_D_WITH_STROKE).casefold())
    return " ".join(folded.split())


def sort_key(full_name: str) -> str:
    """A string of digits whose plain order is the order of names in a Vietnamese list.

    The given name (the last word) counts first, then the other words from the left. Words are
    ordered by their letters (a ă â b c d đ e ê …), and words of the same letters by their tone
    (ngang, huyền, hỏi, ngã, sắc, nặng). Only digits are used, because every collation of every
    database agrees on their order. At most 255 characters.
    """
    words = full_name.split()
    keys = [_word_key(word) for word in words[-1:] + words[:-1]]
    return "".join(keys)[:_LONGEST_KEY]


def _bounded(text: str) -> str:
    return _PERHAPS_MARKS.sub(_drop_marks_in_excess, text)


def _drop_marks_in_excess(match: re.Match[str]) -> str:
    kept = []
    marks = 0
    for char in match[0]:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)


def _strip_marks(text: str) -> str:
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", _bounded(text))
    return "".join(c for c in decomposed if unicodedata.category(c) != "Mn")


def _word_key(word: str) -> str:
    """Two digits a letter, then 0 and the tone: lower than any letter, so short words lead."""
    letters: list[str] = []
    tone = 0
    lower = _bounded(word).translate(_ETH_AS_D).casefold()
    for char in unicodedata.normalize("NFD", lower):
        if char in _TONES:
            tone = tone or _TONES[char]
        elif letters and (letters[-1], char) in _SHAPES:
            letters[-1] = _SHAPES[letters[-1], char]
        elif char.isalnum():
            letters.append(char)
    if not letters:
        return ""
    return "".join(_PLACES.get(letter, _FOREIGN_PLACE) for letter in letters) + f"0{tone}"
