"""What is taught: courses, their clips, and the Wagtail pages that present them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import Storage, storages
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page
from wagtail.search import index
from wagtailmedia.edit_handlers import MediaChooserPanel
from wagtailmedia.models import AbstractMedia

from agencies.models import StandardEdition
from courses import clips, rules
from vietnamese.fields import NFCCharField, NFCTextField
from vietnamese.text import fold


def private_storage() -> Storage:
    """Files that are only served to those who may see them."""
    return storages["private"]


class Course(models.Model):
    """The content: what is taught, for which edition, and by which rules it counts."""

    class Kind(models.TextChoices):
        AWARENESS = "awareness", _("Awareness")
        INTERNAL_AUDITOR = "internal_auditor", _("Internal auditor")
        MANAGEMENT_REPRESENTATIVE = "management_representative", _("Management representative")
        INSPECTOR = "inspector", _("Inspector")
        TRANSITION = "transition", _("Transition to a new edition")

    code = NFCCharField(_("code"), max_length=30, unique=True)
    title = NFCCharField(_("title"), max_length=200)
    kind = models.CharField(_("kind"), max_length=30, choices=Kind)
    edition = models.ForeignKey(
        StandardEdition, models.PROTECT, related_name="courses", verbose_name=_("edition")
    )
    hours = models.PositiveSmallIntegerField(
        _("hours"),
        help_text=_("Printed on the certificate; not derived from the length of the videos."),
    )
    prerequisites: models.ManyToManyField[Course, Any] = models.ManyToManyField(
        "self", symmetrical=False, blank=True, verbose_name=_("courses to complete first")
    )
    watched_percent = models.PositiveSmallIntegerField(
        _("share of a video that must be watched, %"),
        default=90,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    participation_rule = models.JSONField(
        _("what counts as a turn"), default=rules.default_participation, validators=[rules.check]
    )
    completion_rule = models.JSONField(
        _("what completes the course"), default=rules.default_completion, validators=[rules.check]
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering: ClassVar = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(watched_percent__gte=1, watched_percent__lte=100),
                name="watched_percent_is_a_percentage",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class CourseTrainer(models.Model):
    """Who teaches a course and may edit and run it."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="trainers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="teaches")

    class Meta:
        verbose_name = _("trainer")
        verbose_name_plural = _("trainers")
        constraints = [
            models.UniqueConstraint(fields=["course", "user"], name="course_trainer_once"),
        ]

    def __str__(self) -> str:
        return str(self.user)


class Clip(AbstractMedia):
    """A video kept privately; served with byte ranges to people who may watch the lesson."""

    file = models.FileField(_("file"), upload_to="clips", storage=private_storage)
    thumbnail = models.FileField(
        _("thumbnail"), upload_to="clips", storage=private_storage, blank=True
    )

    admin_form_fields = ("title", "file", "collection", "tags")

    class Meta:
        verbose_name = _("clip")
        verbose_name_plural = _("clips")

    @property
    def url(self) -> str:
        """The view that asks who is there: private storage has no addresses of its own."""
        return reverse("courses:clip", args=[self.pk])

    def clean(self, *args: Any, **kwargs: Any) -> None:
        """Take length and size from the file itself; refuse what is no video."""
        super().clean(*args, **kwargs)
        if self.file and not self.file._committed:
            try:
                measured = clips.measure(self.file.file)
            except ValidationError as error:
                raise ValidationError({"file": error}) from error
            self.duration, self.width, self.height = (
                measured.seconds,
                measured.width,
                measured.height,
            )


class FoldedSearch(index.Indexed):
    """Searched without diacritics on both databases: "nguyen duc" finds "Nguyễn Đức"."""

    search_fields: ClassVar = [
        *Page.search_fields,
        index.SearchField("folded_title", boost=2),
        index.AutocompleteField("folded_title"),
    ]

    def folded_title(self) -> str:
        return fold(self.title)


class TaughtPage:
    """Edited by those who teach the course; the rest of the catalogue by DOST officers."""

    def permissions_for_user(self, user: Any) -> Any:
        from courses import editing  # pages are loaded before the verbs that read them

        return editing.TaughtPagePermissions(user, self)


class CataloguePage(TaughtPage, FoldedSearch, Page):
    """The list of courses."""

    introduction = RichTextField(_("introduction"), blank=True)

    content_panels: ClassVar = [*Page.content_panels, FieldPanel("introduction")]
    parent_page_types: ClassVar = ["cms.HomePage"]
    subpage_types: ClassVar = ["courses.CoursePage"]
    max_count = 1
    template = "courses/catalogue_page.html"

    class Meta:
        verbose_name = _("course catalogue")

    def admits(self, user: Any) -> bool:
        """Everyone, logged in or not."""
        return True

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from courses import catalogue

        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return context | catalogue.listing(page=self, request=request)


class CoursePage(TaughtPage, FoldedSearch, Page):
    """A course as the public sees it; its lessons are the pages beneath."""

    course = models.OneToOneField(
        Course, models.PROTECT, related_name="page", verbose_name=_("course")
    )
    summary = NFCTextField(_("summary"), max_length=400)
    audience = NFCTextField(_("for whom"), blank=True)
    body = RichTextField(_("text"), blank=True)

    content_panels: ClassVar = [
        *Page.content_panels,
        FieldPanel("course", permission="courses.manage_all_runs"),
        FieldPanel("summary"),
        FieldPanel("audience"),
        FieldPanel("body"),
    ]
    parent_page_types: ClassVar = ["courses.CataloguePage"]
    subpage_types: ClassVar = ["courses.LessonPage"]
    template = "courses/course_page.html"

    class Meta:
        verbose_name = _("course page")

    def admits(self, user: Any) -> bool:
        """Everyone, logged in or not."""
        return True

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from courses import catalogue

        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return context | catalogue.course(page=self, request=request)


class LessonPage(TaughtPage, FoldedSearch, Page):
    """A lesson: a video first, then its transcript and text. Evidence of watching points here."""

    objectives = NFCTextField(_("what one can do afterwards"), blank=True)
    clauses = NFCCharField(_("clauses of the standard"), max_length=200, blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes of study"), default=30)
    clip = models.ForeignKey(
        Clip, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("clip")
    )
    youtube_id = models.CharField(
        _("YouTube video"),
        max_length=11,
        blank=True,
        validators=[RegexValidator(r"^[\w-]{11}$", _("Eleven characters, as in the address."))],
        help_text=_("The second source: the part of the address after “v=”."),
    )
    seconds = models.PositiveIntegerField(
        _("length of the video in seconds"),
        default=0,
        help_text=_("Taken from the clip; give it when the only source is YouTube."),
    )
    captions = NFCTextField(_("captions (WebVTT)"), blank=True)
    transcript = RichTextField(_("transcript"), blank=True)
    body = RichTextField(_("text"), blank=True)

    content_panels: ClassVar = [
        *Page.content_panels,
        FieldPanel("objectives"),
        FieldPanel("clauses"),
        FieldPanel("minutes"),
        MultiFieldPanel(
            [
                MediaChooserPanel("clip", media_type="video"),
                FieldPanel("youtube_id"),
                FieldPanel("seconds"),
                FieldPanel("captions"),
            ],
            heading=_("Video"),
        ),
        FieldPanel("transcript"),
        FieldPanel("body"),
    ]
    parent_page_types: ClassVar = ["courses.CoursePage"]
    subpage_types: ClassVar[list[str]] = []
    template = "courses/lesson_page.html"

    class Meta:
        verbose_name = _("lesson")

    def clean(self) -> None:
        super().clean()
        if self.clip and self.clip.duration:
            self.seconds = round(self.clip.duration)

    def admits(self, user: Any) -> bool:
        """People enrolled in a run that has this lesson, its trainers, and DOST officers."""
        from courses import perms

        return perms.may_open_lesson(user=user, lesson=self)

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from courses import lessons

        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return context | lessons.view(page=self, request=request)
