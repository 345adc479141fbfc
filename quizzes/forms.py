"""Forms of the staff: a bank, an upload."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from quizzes import importing
from quizzes.models import QuestionBank
from quizzes.setting import open_bank


class BankForm(WagtailAdminModelForm):
    """A bank; who opens it is its first member."""

    instance: QuestionBank

    class Meta:
        model = QuestionBank
        fields = ("name",)

    def save(self, commit: bool = True) -> QuestionBank:
        if self.instance.pk is None:
            self.instance = open_bank(name=self.cleaned_data["name"], members=[self.for_user])
        else:
            super().save()
        return self.instance


class UploadForm(forms.Form):
    """A GIFT file; one that is too large is never read into memory."""

    file = forms.FileField(
        label=_("GIFT file"),
        help_text=_("A text file in UTF-8, as Moodle exports it: *.gift or *.txt, 2 MB at most."),
        widget=forms.FileInput(attrs={"accept": ".gift,.txt,text/plain"}),
    )

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if upload.size > importing.LARGEST_FILE:
            raise forms.ValidationError(
                _("The file has %(size)s MB; %(limit)s MB are possible. Nothing was changed.")
                % {
                    "size": -(-upload.size // 1024**2),
                    "limit": importing.LARGEST_FILE // 1024**2,
                }
            )
        return upload
