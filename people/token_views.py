"""*Mã truy cập API*: the tokens of the account that is logged in."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from people import tokens
from people.models import PersonalToken


def _lifetimes() -> list[tuple[int, str]]:
    return [
        (days, ngettext("%(count)s day", "%(count)s days", days) % {"count": days})
        for days in tokens.LIFETIMES
    ]


class NewTokenForm(forms.Form):
    """What a new token is for, and for how long."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=60,
        help_text=gettext_lazy("What the token is for, so that you know it again in the list."),
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("Valid for"), choices=_lifetimes, coerce=int, initial=90
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_variables("made")
def own(request: HttpRequest) -> HttpResponse:
    """The list; a POST makes a token and shows it, this once."""
    now = timezone.now()
    form, made = NewTokenForm(request.POST or None), None
    if form.is_valid():
        try:
            made = tokens.make(user=request.user, at=now, **form.cleaned_data)
        except tokens.TokenRefused as refused:
            form.add_error(None, str(refused))
        else:
            form = NewTokenForm()
    mine = PersonalToken.objects.filter(user=request.user.pk)
    alive = mine.alive(at=now)
    context = {"form": form, "made": made, "alive": alive, "ended": mine.exclude(pk__in=alive)}
    return render(request, "people/tokens.html", context)


@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """End a token of one's own; doing it again changes nothing."""
    try:
        tokens.revoke(user=request.user, token_id=token_id, at=timezone.now())
    except PersonalToken.DoesNotExist as missing:
        raise Http404 from missing
    messages.success(request, _("The token is revoked: nobody comes in by it any more."))
    return redirect("people:tokens")
