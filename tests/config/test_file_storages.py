"""One address says where files lie, and what it lacks is named."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import file_storages


def bucket(url: str) -> dict[str, str]:
    found = file_storages.bucket(url, media_url="/media/")
    options: dict[str, str] = found["private"]["OPTIONS"]
    return options


def test_an_address_names_host_bucket_region_and_key() -> None:
    assert bucket("https://AK:s%2Fe%2Bc@s3.example.vn:9000/iso?region=vn-1") == {
        "endpoint_url": "https://s3.example.vn:9000",
        "access_key": "AK",
        "secret_key": "s/e+c",
        "bucket_name": "iso",
        "region_name": "vn-1",
        "location": "private",
    }


@pytest.mark.parametrize(
    ("url", "lacking"),
    [
        ("https://AK:hush@s3.example.vn", "lacks one bucket."),
        ("https://AK:hush@s3.example.vn/iso/files", "lacks one bucket."),
        ("https://AK@s3.example.vn/iso", "lacks its secret."),
        ("https://s3.example.vn/iso", "lacks a key, its secret."),
        ("https://AK:hush@/iso", "lacks a host."),
        ("s3://AK:hush@s3.example.vn/iso", "lacks https:// or http://."),
        ("s3.example.vn", "lacks https:// or http://, a host, a key, its secret."),
        ("https://AK:hush/hush@s3.example.vn/iso", "cannot be read"),
    ],
)
def test_what_an_address_lacks_is_named_without_the_secret(url: str, lacking: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        bucket(url)
    assert lacking in str(refused.value)
    assert "hush" not in str(refused.value)


def test_public_and_private_files_lie_apart_in_one_bucket() -> None:
    made = file_storages.bucket("https://AK:hush@s3.example.vn/iso", media_url="/media/")
    places = [(one["OPTIONS"]["bucket_name"], one["OPTIONS"]["location"]) for one in made.values()]
    assert places == [("iso", "media"), ("iso", "private")]
    assert "base_url" not in made["private"]["OPTIONS"]
