"""Model fields that keep text in one form: composed Unicode (NFC)."""

from types import GenericAlias
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models

from vietnamese.text import nfc

Set_contra = TypeVar("Set_contra", contravariant=True)
Get_co = TypeVar("Get_co", covariant=True)

if TYPE_CHECKING:

    class _CharField(models.CharField[Set_contra, Get_co]): ...

    class _TextField(models.TextField[Set_contra, Get_co]): ...

else:
    # Django's fields take type arguments from the type checker only.
    class _CharField(models.CharField):
        __class_getitem__ = classmethod(GenericAlias)

    class _TextField(models.TextField):
        __class_getitem__ = classmethod(GenericAlias)


class NFCCharField(_CharField[Set_contra, Get_co]):
    """A CharField that stores composed Unicode without white space around it.

    Values of saves, of updates and of exact look-ups all pass through `to_python`; the
    attribute holds the stored text after a save. Django leaves patterns (`contains` and the
    like) alone: search in folded text instead.
    """

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return nfc(text).strip() if isinstance(text, str) else text

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        return _keep(self, model_instance, super().pre_save(model_instance, add))


class NFCTextField(_TextField[Set_contra, Get_co]):
    """A TextField that stores composed Unicode; white space stays as it was written."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return nfc(text) if isinstance(text, str) else text

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        return _keep(self, model_instance, super().pre_save(model_instance, add))


def _keep(field: "models.Field[Any, Any]", instance: models.Model, value: Any) -> Any:
    """Put the stored form on the instance too; an expression is left to the database."""
    if isinstance(value, str):
        value = field.to_python(value)
        setattr(instance, field.attname, value)
    return value
