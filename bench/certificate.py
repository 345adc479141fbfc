"""One certificate: from the pending row to the signed and filed PDF."""

import time
from collections.abc import Iterator

from django.utils import timezone

from bench.rows import Row
from certificates.issue.filing import filed_name, make_file, storage
from certificates.issue.issuing import issue
from certificates.models import Certificate, RegisterEntry
from certificates.signature.signing import sign, signer_name


def measure() -> Iterator[Row]:
    """CPU seconds per certificate over all that the demo left pending, the first one apart."""
    pending = list(Certificate.objects.unfinished().order_by("pending_since"))
    first, *others = pending
    issue(certificate_id=first.pk, at=timezone.now())  # loads fonts and key, compiles the template
    began = time.process_time()
    for certificate in others:
        issue(certificate_id=certificate.pk, at=timezone.now())
    issuing = (time.process_time() - began) / len(others)

    entries = list(
        RegisterEntry.objects.filter(kind=RegisterEntry.Kind.ISSUE).select_related("register")
    )
    began = time.process_time()
    files = [make_file(entry) for entry in entries]
    rendering = (time.process_time() - began) / len(entries)
    by = signer_name()
    began = time.process_time()
    for pdf in files:
        sign(pdf, by=by, reason="Đo", place="Khánh Hòa")
    signing = (time.process_time() - began) / len(files)

    numbers = [entry.sequence for entry in entries]
    assert sorted(numbers, key=lambda number: number or 0) == list(range(1, len(entries) + 1))
    for entry, pdf in zip(entries, files, strict=True):
        with storage().open(filed_name(entry)) as kept:
            content = kept.read()
        assert content.startswith(pdf)
        assert len(content) > len(pdf), "not signed"
    how = f"{len(others)} certificates, numbers without gap, signed (P-256, PAdES B-B)"
    yield Row("certificate.cpu", issuing, "CPU s", how, target=0.045)
    yield Row(
        "certificate.file", rendering, "CPU s", f"{len(entries)} PDFs with QR, the same bytes twice"
    )
    yield Row("certificate.signature", signing, "CPU s", f"{len(entries)} signatures")
