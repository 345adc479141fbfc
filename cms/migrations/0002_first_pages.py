"""The first pages of a site: home, and the course catalogue beneath it."""

from django.db import migrations
from wagtail.models import Page as RealPage

HOME = "Đào tạo ISO 9001"
CATALOGUE = "Khóa học"


def add_pages(apps, schema_editor):
    Page = apps.get_model("wagtailcore", "Page")
    Site = apps.get_model("wagtailcore", "Site")
    Locale = apps.get_model("wagtailcore", "Locale")
    ContentType = apps.get_model("contenttypes", "ContentType")
    HomePage = apps.get_model("cms", "HomePage")
    CataloguePage = apps.get_model("courses", "CataloguePage")

    root = Page.objects.filter(depth=1).first()
    if root is None:
        return
    # Wagtail's own welcome page would take the place of ours.
    Page.objects.filter(depth=2, slug="home").delete()
    locale, _created = Locale.objects.get_or_create(language_code="vi")
    types = {
        model: ContentType.objects.get_or_create(app_label=label, model=model)[0]
        for label, model in (("cms", "homepage"), ("courses", "cataloguepage"))
    }
    home = HomePage.objects.create(
        title=HOME,
        draft_title=HOME,
        slug="home",
        content_type=types["homepage"],
        path=RealPage._get_path(root.path, 2, 1),
        depth=2,
        numchild=1,
        url_path="/home/",
        locale=locale,
        show_in_menus=False,
    )
    CataloguePage.objects.create(
        title=CATALOGUE,
        draft_title=CATALOGUE,
        slug="khoa-hoc",
        content_type=types["cataloguepage"],
        path=RealPage._get_path(home.path, 3, 1),
        depth=3,
        numchild=0,
        url_path="/home/khoa-hoc/",
        locale=locale,
        show_in_menus=True,
    )
    root.numchild = Page.objects.filter(depth=2).count()
    root.save(update_fields=["numchild"])
    Site.objects.all().delete()
    Site.objects.create(
        hostname="localhost", port=80, root_page_id=home.pk, is_default_site=True, site_name=HOME
    )


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0001_initial"),
        ("courses", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [migrations.RunPython(add_pages, migrations.RunPython.noop)]
