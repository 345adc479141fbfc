"""An officer designs a template in the admin, with or without JavaScript."""

import base64
import io
import re
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from wagtail.images import get_image_model

from certificates.models import CertificateTemplate, TemplateVersion
from certificates.paper import artwork, designing, layout, ready_made
from people.models import User
from tests.factories import UserFactory
from tests.staff import at_work, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def template() -> CertificateTemplate:
    return designing.create_template(name="Mẫu của Sở", language="vi", at=timezone.now())


@pytest.fixture
def officer() -> Client:
    user: User = UserFactory(officer=True)
    return at_work(user)


def address(template: CertificateTemplate, what: str = "design", *more: int) -> str:
    return reverse(f"certificate_templates:{what}", args=[template.pk, *more])


def typed(page: Any, **changed: Any) -> dict[str, Any]:
    """What a browser would send of the form on this page, with some of it changed."""
    sent: dict[str, Any] = {}
    for form in (page.context["sheet"], page.context["fields"].management_form):
        sent |= {one.html_name: one.value() for one in form}
    for form in page.context["fields"]:
        sent |= {one.html_name: one.value() for one in form}
    sent = {name: value for name, value in sent.items() if value not in (None, False, "")}
    return sent | changed


def place(page: Any, name: str) -> str:
    """The beginning of the names of a field's inputs."""
    (prefix,) = [one.prefix for one in page.context["fields"] if one["name"].value() == name]
    return f"{prefix}-"


def picture(**options: Any) -> Any:
    written = io.BytesIO()
    Image.new("RGB", (1200, 900), "#ffe0c0").save(written, "JPEG", **options)
    return get_image_model().objects.create(
        title="Nền", file=ContentFile(written.getvalue(), name="nen.jpg")
    )


def test_a_template_begins_as_the_ready_made_one_in_its_language(officer: Client) -> None:
    add = reverse("certificate_templates:add")
    answer = officer.post(add, {"name": "Certificate", "language": "en", "copied": ""})
    made = CertificateTemplate.objects.get()
    assert answer.url == address(made)
    assert layout.read(made.versions.get().layout) == ready_made.layout("en")
    assert made.versions.get().created_by is not None


def test_a_template_begins_as_a_copy(officer: Client, template: CertificateTemplate) -> None:
    add = reverse("certificate_templates:add")
    officer.post(add, {"name": "Bản sao", "language": "vi", "copied": template.pk})
    copy = CertificateTemplate.objects.get(name="Bản sao")
    assert copy.versions.get().sha256 == template.versions.get().sha256


def test_a_taken_name_is_said_beside_it(officer: Client, template: CertificateTemplate) -> None:
    add = reverse("certificate_templates:add")
    answer = officer.post(add, {"name": template.name, "language": "vi", "copied": ""})
    assert "already exists" in answer.content.decode()


def test_the_page_shows_every_field_with_its_numbers_and_the_picture(
    officer: Client, template: CertificateTemplate
) -> None:
    page = officer.get(address(template))
    html = page.content.decode()
    assert html.count('<details class="field"') == len(ready_made.layout("vi").fields)
    assert f'name="{place(page, "Họ và tên")}x" value="21.0"' in html
    (png,) = re.findall(r'src="data:image/png;base64,([^"]+)"', html)
    assert Image.open(io.BytesIO(base64.b64decode(png))).size == (1123, 794)


def test_saving_what_was_not_changed_makes_no_version(
    officer: Client, template: CertificateTemplate
) -> None:
    officer.post(address(template), typed(officer.get(address(template)), save="1"))
    assert template.versions.count() == 1


def test_numbers_words_order_and_name_are_kept_as_a_new_version(
    officer: Client, template: CertificateTemplate
) -> None:
    page = officer.get(address(template))
    name, notice, title = (
        place(page, one) for one in ("Họ và tên", "Lời về chữ ký số", "Tên giấy")
    )
    changed = {
        f"{name}x": "31.5",
        f"{name}width": "200",
        f"{name}colour": "#003366",
        f"{name}weight": "regular",
        f"{notice}DELETE": "on",
        f"{title}ORDER": "1",
        f"{place(page, 'Cơ quan chủ quản')}ORDER": "7",
        "name": "Mẫu mới",
    }
    officer.post(address(template), typed(page, save="1", **changed))
    template.refresh_from_db()
    kept = layout.read(template.versions.get(number=2).layout)
    field = next(one for one in kept.fields if one.name == "Họ và tên")
    assert (field.x, field.width, field.colour, field.weight) == (31.5, 200, "#003366", "regular")
    names = [one.name for one in kept.fields]
    assert "Lời về chữ ký số" not in names
    assert names[0] == "Tên giấy"
    assert (template.name, template.published) == ("Mẫu mới", None)


def test_what_is_wrong_is_named_and_nothing_is_saved(
    officer: Client, template: CertificateTemplate
) -> None:
    page = officer.get(address(template))
    outside = typed(page, save="1", **{f"{place(page, 'Họ và tên')}x": "200"})
    answer = officer.post(address(template), outside)
    assert answer.status_code == 422
    assert "Họ và tên: it lies outside the sheet." in answer.content.decode()
    assert 'value="200.0"' in answer.content.decode()
    assert template.versions.count() == 1


def test_what_is_sound_is_shown_beside_what_is_not(
    officer: Client, template: CertificateTemplate
) -> None:
    page = officer.get(address(template))
    outside = typed(page, **{f"{place(page, 'Họ và tên')}x": "200"})
    answer = officer.post(address(template, "preview"), outside).json()
    assert answer["picture"].startswith("data:image/png;base64,")
    assert answer["problems"] == ["Họ và tên: it lies outside the sheet."]


def test_what_is_no_number_is_said_beside_it(
    officer: Client, template: CertificateTemplate
) -> None:
    page = officer.get(address(template))
    wrong = typed(page, save="1", **{f"{place(page, 'Họ và tên')}size": "lớn"})
    answer = officer.post(address(template), wrong)
    assert answer.status_code == 422
    assert "Enter a number." in answer.content.decode()


@pytest.mark.parametrize("kind", ["data", "text", "image", "rule"])
def test_a_field_is_added_without_losing_what_was_typed(
    officer: Client, template: CertificateTemplate, kind: str
) -> None:
    page = officer.get(address(template))
    sent = typed(page, add=kind, **{f"{place(page, 'Họ và tên')}x": "33"})
    answer = officer.post(address(template), sent)
    fields = list(answer.context["fields"])
    assert len(fields) == len(page.context["fields"]) + 1
    assert fields[-1]["kind"].value() == kind
    assert 'value="33.0"' in answer.content.decode()
    assert template.versions.count() == 1


def test_a_new_field_of_data_shows_what_it_says_and_never_a_second_title(
    officer: Client, template: CertificateTemplate
) -> None:
    answer = officer.post(address(template), typed(officer.get(address(template)), add="data"))
    *_others, new = answer.context["fields"]
    assert new["key"].value() in set(layout.DATA) - {"title"}


def test_a_background_is_chosen_kept_and_taken_away(
    officer: Client, template: CertificateTemplate
) -> None:
    page = officer.get(address(template))
    officer.post(address(template), typed(page, save="1", backdrop=picture().pk))
    kept = layout.read(template.versions.get(number=2).layout)
    assert Image.open(artwork.find(kept.background)).format == "JPEG"
    again = officer.get(address(template))
    assert again.context["sheet"]["kept_background"].value() == kept.background
    officer.post(address(template), typed(again, save="1", no_background="on"))
    assert layout.read(template.versions.get(number=3).layout).background == ""


def test_a_picture_that_is_none_is_refused(officer: Client, template: CertificateTemplate) -> None:
    hostile = picture()
    with hostile.file.storage.open(hostile.file.name, "wb") as file:
        file.write(b"<svg onload='alert(1)'/>")
    answer = officer.post(
        address(template),
        typed(officer.get(address(template)), save="1", backdrop=hostile.pk),
    )
    assert answer.status_code == 422
    assert "not a picture" in answer.content.decode()


def test_an_emblem_is_placed_with_its_description(
    officer: Client, template: CertificateTemplate
) -> None:
    page = officer.post(address(template), typed(officer.get(address(template)), add="image"))
    emblem = place(page, "Picture 1")
    sent = typed(page, save="1", **{f"{emblem}picture": picture().pk, f"{emblem}alt": "Huy hiệu"})
    officer.post(address(template), sent)
    field = layout.read(template.versions.get(number=2).layout).fields[-1]
    assert (field.kind, field.alt) == ("image", "Huy hiệu")
    assert Image.open(artwork.find(field.image)).format == "PNG"


def test_the_live_picture_comes_with_what_does_not_fit_and_nothing_is_saved(
    officer: Client, template: CertificateTemplate
) -> None:
    page = officer.get(address(template))
    narrow = typed(page, **{f"{place(page, 'Họ và tên')}width": "40"})
    answer = officer.post(address(template, "preview"), narrow).json()
    assert answer["picture"].startswith("data:image/png;base64,")
    assert answer["problems"] == ["This does not fit into its field: Họ và tên."]
    assert template.versions.count() == 1


def test_the_live_picture_names_the_field_that_cannot_be_read(
    officer: Client, template: CertificateTemplate
) -> None:
    page = officer.get(address(template))
    wrong = typed(page, **{f"{place(page, 'Họ và tên')}size": ""})
    answer = officer.post(address(template, "preview"), wrong).json()
    (problem,) = answer["problems"]
    assert problem.startswith("Họ và tên: ")


def test_a_letter_that_cannot_be_drawn_is_named_with_its_field(
    officer: Client, template: CertificateTemplate
) -> None:
    page = officer.get(address(template))
    strange = typed(page, **{f"{place(page, 'Lời chứng nhận')}text": "證書"})
    (problem,) = officer.post(address(template, "preview"), strange).json()["problems"]
    assert problem.startswith("Lời chứng nhận: The typeface has no character")


def test_a_version_is_published_on_purpose(officer: Client, template: CertificateTemplate) -> None:
    answer = officer.post(address(template, "publish", 1), follow=True)
    template.refresh_from_db()
    assert template.published == template.versions.get()
    assert "version 1 from now on" in said(answer)


def test_what_does_not_fit_is_not_published(officer: Client, template: CertificateTemplate) -> None:
    page = officer.get(address(template))
    narrow = typed(page, save="1", **{f"{place(page, 'Họ và tên')}width": "40"})
    officer.post(address(template), narrow)
    answer = officer.post(address(template, "publish", 2), follow=True)
    template.refresh_from_db()
    assert template.published is None
    assert "Họ và tên" in said(answer)


def test_an_older_version_is_opened_and_becomes_a_new_one(
    officer: Client, template: CertificateTemplate
) -> None:
    page = officer.get(address(template))
    officer.post(address(template), typed(page, save="1", **{f"{place(page, 'Họ và tên')}x": "22"}))
    older = officer.get(address(template), {"version": "1"})
    assert "This is version 1." in older.content.decode()
    officer.post(address(template), typed(older, save="1"))
    first, third = (template.versions.get(number=number) for number in (1, 3))
    assert first.sha256 == third.sha256


def test_the_specimen_is_a_paper_that_says_so(
    officer: Client, template: CertificateTemplate
) -> None:
    answer = officer.get(address(template, "specimen", 1))
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_a_version_of_another_template_is_not_there(
    officer: Client, template: CertificateTemplate
) -> None:
    assert officer.get(address(template, "specimen", 7)).status_code == 404
    assert officer.get(address(template), {"version": "7"}).status_code == 404
    assert TemplateVersion.objects.count() == 1
