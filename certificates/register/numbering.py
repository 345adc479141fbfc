"""The form of a certificate's number, checked before it is used for years."""

import re
from string import Formatter

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_SPECIFICATION = re.compile(r"(0[1-9])?d?")
_LONGEST = 60


def check(number_format: str) -> None:
    """Raise ValidationError unless every sequence and year gives a number of its own.

    Only ``{sequence}`` and ``{year}`` may stand in braces, each at least once, with a width such
    as ``{sequence:04d}`` at most.
    """
    try:
        parts = list(Formatter().parse(number_format))
    except ValueError as error:
        raise ValidationError(_("The braces do not match.")) from error
    named = [(name, spec, how) for _text, name, spec, how in parts if name is not None]
    for name, spec, how in named:
        if name not in ("sequence", "year") or how or not _SPECIFICATION.fullmatch(spec or ""):
            raise ValidationError(
                _("“%(part)s” is unknown: only {sequence}, {sequence:04d} and {year} are possible.")
                % {"part": f"{{{name}}}"}
            )
    if {name for name, _spec, _how in named} != {"sequence", "year"}:
        raise ValidationError(
            _("The form needs {sequence} and {year}: otherwise numbers would come twice.")
        )
    if len(number_format.format(sequence=9_999_999, year=9999)) > _LONGEST:
        raise ValidationError(
            _("The number is longer than %(most)d characters.") % {"most": _LONGEST}
        )
