"""The designer's form: a design as numbers and words, one small form for every field."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.images import get_image_model
from wagtail.images.widgets import AdminImageChooser

from certificates.models import CertificateTemplate, TemplateVersion
from certificates.paper import artwork, layout
from certificates.paper.artwork import ArtworkRefused
from vietnamese.fields import NFCCharField

_PLACE = ("x", "y", "width", "height")
_LETTERS = ("size", "weight", "italic", "capitals", "align", "colour", "wrap")
# What each kind of field asks for.
_ASKED = {
    "data": ("key", "text", *_PLACE, *_LETTERS),
    "text": ("text", *_PLACE, *_LETTERS),
    "image": ("picture", "alt", *_PLACE, "only_signed"),
    "qr": ("x", "y", "width"),
    "rule": (*_PLACE, "colour"),
}
_ALWAYS = ("kind", "name", "image")


def _millimetres(label: Any) -> forms.FloatField:
    return forms.FloatField(
        label=format_lazy("{label} (mm)", label=label),
        min_value=0,
        max_value=layout.WIDTH,
        widget=forms.NumberInput({"step": "any"}),
    )


class _Pictured(forms.Form):
    """A chosen picture is kept when the form is read, and known by its hash from then on."""

    background = False

    def _kept(self, name: str) -> str | None:
        chosen = self.cleaned_data.get(name)
        if not chosen:
            return None
        keep = artwork.keep_background if self.background else artwork.keep_picture
        try:
            with chosen.file.storage.open(chosen.file.name, "rb") as file:
                return keep(file.read())
        except OSError as error:
            raise forms.ValidationError(_("The picture is missing.")) from error
        except ArtworkRefused as refused:
            raise forms.ValidationError(str(refused)) from refused


def _chooser(label: Any) -> "forms.ModelChoiceField[Any]":
    return forms.ModelChoiceField(
        label=label,
        queryset=get_image_model().objects.all(),
        required=False,
        widget=AdminImageChooser(),
    )


class SheetForm(_Pictured):
    """What concerns the whole sheet."""

    background = True
    name = forms.CharField(label=gettext_lazy("Name of the template"), max_length=120)
    backdrop = _chooser(gettext_lazy("Background"))
    kept_background = forms.CharField(required=False, widget=forms.HiddenInput)
    no_background = forms.BooleanField(
        label=gettext_lazy("Without background picture"), required=False
    )
    ornament = forms.BooleanField(
        label=gettext_lazy("Frame of woven lines and bronze drum"), required=False
    )

    def __init__(self, *args: Any, template: CertificateTemplate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.template = template

    def clean_name(self) -> str:
        name: str = NFCCharField().to_python(self.cleaned_data["name"])
        others = CertificateTemplate.objects.exclude(pk=self.template.pk)
        if others.filter(name=name).exists():
            raise forms.ValidationError(_("Another template has this name."))
        return name

    def clean_backdrop(self) -> str | None:
        return self._kept("backdrop")

    def background_hash(self) -> str:
        if self.cleaned_data["no_background"]:
            return ""
        return str(self.cleaned_data["backdrop"] or self.cleaned_data["kept_background"])


class FieldForm(_Pictured):
    """One field of the layout; asks only for what its kind needs."""

    kind = forms.ChoiceField(choices=list(layout.KINDS.items()), widget=forms.HiddenInput)
    image = forms.CharField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label=gettext_lazy("Name of the field"), max_length=60)
    key = forms.ChoiceField(label=gettext_lazy("Shows"), choices=list(layout.DATA.items()))
    text = forms.CharField(
        label=gettext_lazy("Text"), max_length=layout.MOST_TEXT, required=False, strip=False
    )
    picture = _chooser(gettext_lazy("Picture"))
    alt = forms.CharField(
        label=gettext_lazy("Description for those who cannot see it"),
        max_length=200,
        required=False,
    )
    x = _millimetres(gettext_lazy("From the left"))
    y = _millimetres(gettext_lazy("From above"))
    width = _millimetres(gettext_lazy("Width"))
    height = _millimetres(gettext_lazy("Height"))
    size = forms.FloatField(
        label=gettext_lazy("Size of letters (pt)"),
        min_value=6,
        max_value=72,
        widget=forms.NumberInput({"step": "any"}),
    )
    weight = forms.ChoiceField(
        label=gettext_lazy("Weight"),
        choices=[("regular", gettext_lazy("Regular")), ("bold", gettext_lazy("Bold"))],
    )
    align = forms.ChoiceField(
        label=gettext_lazy("Alignment"),
        choices=[
            ("left", gettext_lazy("Flush left")),
            ("center", gettext_lazy("Centred")),
            ("right", gettext_lazy("Flush right")),
        ],
    )
    colour = forms.CharField(
        label=gettext_lazy("Colour"), widget=forms.TextInput({"type": "color"})
    )
    italic = forms.BooleanField(label=gettext_lazy("Italic"), required=False)
    capitals = forms.BooleanField(label=gettext_lazy("In capitals"), required=False)
    wrap = forms.BooleanField(label=gettext_lazy("May take several lines"), required=False)
    only_signed = forms.BooleanField(
        label=gettext_lazy("Seal or signature: only on a digitally signed paper"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.data.get(self.add_prefix("kind")) if self.is_bound else self.initial.get("kind")
        self.asked = _ASKED.get(str(kind), ())
        for name in [*self.fields]:
            if name not in (*_ALWAYS, *self.asked):
                del self.fields[name]
        if kind == "data":
            self.fields["text"].label = gettext_lazy("Words before it")
        if kind == "qr":
            self.fields["width"].help_text = gettext_lazy(
                "At least 30 mm; a long name makes it larger."
            )

    def clean_picture(self) -> str | None:
        return self._kept("picture")

    def described(self) -> dict[str, Any]:
        """The field as ``layout.read`` takes it."""
        given = {name: self.cleaned_data[name] for name in ("kind", "name", *self.asked)}
        picture = given.pop("picture", None)
        if given["kind"] == "image":
            given["image"] = picture or self.cleaned_data["image"]
        if given["kind"] == "qr":
            given["height"] = given["width"]
        return given

    @property
    def kind_in_words(self) -> str:
        return str(layout.KINDS.get(str(self["kind"].value()), ""))

    def shown(self) -> Iterable[forms.BoundField]:
        return (self[name] for name in ("name", *self.asked))


class _FieldForms(forms.BaseFormSet):  # type: ignore[type-arg]  # not subscriptable at run time
    def add_fields(self, form: FieldForm, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["ORDER"].label = _("Place in the reading order")
        form.fields["DELETE"].label = _("Remove this field")


FieldForms = forms.formset_factory(
    FieldForm,
    formset=_FieldForms,
    extra=0,
    can_order=True,
    can_delete=True,
    max_num=layout.MOST_FIELDS,
    absolute_max=layout.MOST_FIELDS + 1,
)


def collect(sheet: SheetForm, forms: Any) -> dict[str, Any]:
    """The design that valid forms describe, as ``layout.read`` takes it."""
    return {
        "background": sheet.background_hash(),
        "ornament": sheet.cleaned_data["ornament"],
        "fields": [one.described() for one in forms.ordered_forms],
    }


def blank(kind: str, others: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A new field in the middle of the sheet, with a name that no other has."""
    taken = {one["name"] for one in others}
    label = str(layout.KINDS[kind])
    name = next(name for number in range(1, 999) if (name := f"{label} {number}") not in taken)
    field = {"kind": kind, "name": name, "x": 118.5, "y": 95.0, "width": 60.0, "height": 10.0}
    field |= {"size": 13.0, "weight": "regular", "align": "center", "colour": "#000000"}
    if kind == "data":
        # What no field shows yet; a select would seem to say so of its first choice anyway.
        shown = {one.get("key") for one in others}
        field |= {"key": next((key for key in layout.DATA if key not in shown), "full_name")}
    if kind == "text":
        field |= {"text": name}
    if kind == "qr":
        field |= {"width": 30.0, "height": 30.0}
    if kind == "rule":
        field |= {"height": 0.3}
    return field


class BeginForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A new template, from the ready-made layout of its language or from another's version."""

    copied = forms.ModelChoiceField(
        label=gettext_lazy("Start from"),
        queryset=CertificateTemplate.objects.all(),
        required=False,
        empty_label=gettext_lazy("The ready-made template in this language"),
        widget=forms.Select({"class": "w-w-full"}),
    )

    class Meta:
        model = CertificateTemplate
        fields = ("name", "language")

    def version(self) -> TemplateVersion | None:
        """The latest version of the template to start from."""
        copied: CertificateTemplate | None = self.cleaned_data["copied"]
        return copied.versions.order_by("-number").first() if copied else None
