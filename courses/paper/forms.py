from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminAutoHeightTextInput, AdminDateInput

from courses.paper.grid import NotAMark, parse_mark
from jobs import private_files, workbooks

MOST_MEGABYTES = 15


class AboutForm(forms.Form):
    """What is said once for all marks of a sheet."""

    taken_on = forms.DateField(label=_("Day of the test"), widget=AdminDateInput)
    max_score = forms.CharField(
        label=_("Highest possible mark"),
        max_length=8,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 8}),
    )

    def clean_max_score(self) -> Any:
        try:
            return parse_mark(self.cleaned_data["max_score"].strip())
        except NotAMark as wrong:
            raise forms.ValidationError(str(wrong)) from wrong


class CorrectionForm(AboutForm):
    """What should have been said for a sheet that was entered, and why it was not."""

    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=AdminAutoHeightTextInput)


class SheetForm(AboutForm):
    """A sheet as it is entered: with its scan, and a reason for corrections."""

    scan = forms.FileField(
        label=_("Scan of the sheet"),
        required=False,
        help_text=_("PDF, JPEG or PNG, %(limit)s MB at most. Only those who run the class see it.")
        % {"limit": MOST_MEGABYTES},
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )
    reason = forms.CharField(
        label=_("Reason for corrections"),
        required=False,
        max_length=1000,
        help_text=_("Needed when a mark is changed that was entered before."),
        widget=AdminAutoHeightTextInput,
    )

    def clean_scan(self) -> private_files.Received | None:
        upload = self.cleaned_data["scan"]
        if not upload:
            return None
        try:
            return private_files.receive(
                upload, kinds=private_files.SCANS, most_megabytes=MOST_MEGABYTES
            )
        except private_files.FileRefused as refused:
            raise forms.ValidationError(str(refused)) from refused


class WorkbookForm(forms.Form):
    """A filled-in workbook; one that is too large is never read into memory."""

    workbook = forms.FileField(
        label=_("Filled-in workbook"), widget=forms.FileInput(attrs={"accept": ".xlsx"})
    )

    def clean_workbook(self) -> bytes:
        upload = self.cleaned_data["workbook"]
        if upload.size > workbooks.LARGEST_FILE:
            raise forms.ValidationError(
                _("The file is larger than %(limit)s MB.")
                % {"limit": workbooks.LARGEST_FILE // 1024 // 1024}
            )
        content: bytes = upload.read()
        return content
