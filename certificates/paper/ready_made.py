"""The ready-made layouts: a start for an officer's own template, in Vietnamese and in English."""

from typing import Any

from certificates.paper.layout import Field, Layout

_LEFT, _WIDE, _HALF, _RIGHT = 21.0, 255.0, 123.5, 152.5

_WORDS: dict[str, dict[str, str]] = {
    "vi": {
        "certifies": "Chứng nhận Ông/Bà",
        "born": "Sinh ngày:",
        "workplace": "Đơn vị công tác:",
        "completed": "đã hoàn thành khóa đào tạo",
        "hours": "Thời lượng:",
        "form": "Hình thức đào tạo:",
        "standard": "Tiêu chuẩn:",
        "result": "Kết quả:",
        "number": "Số hiệu:",
        "entry": "Số vào sổ:",
        "scan": "Quét mã hoặc nhấn vào mã để tra cứu.",
    },
    "en": {
        "certifies": "This is to certify that Mr/Ms",
        "born": "Date of birth:",
        "workplace": "Workplace:",
        "completed": "has completed the training course",
        "hours": "Duration:",
        "form": "Form of study:",
        "standard": "Standard:",
        "result": "Result:",
        "number": "Certificate No.:",
        "entry": "Register entry No.:",
        "scan": "Scan or press the code to verify.",
    },
}
# The officer reads these names beside the fields and in what is said about them.
_NAMES = {
    "parent_body": "Cơ quan chủ quản",
    "issuing_body": "Cơ quan cấp",
    "rule_body": "Gạch dưới cơ quan cấp",
    "nation": "Quốc hiệu",
    "motto": "Tiêu ngữ",
    "rule_motto": "Gạch dưới tiêu ngữ",
    "nation_en": "Quốc hiệu (tiếng Anh)",
    "motto_en": "Tiêu ngữ (tiếng Anh)",
    "title": "Tên giấy",
    "certifies": "Lời chứng nhận",
    "full_name": "Họ và tên",
    "date_of_birth": "Ngày sinh",
    "workplace": "Đơn vị công tác",
    "completed": "Lời hoàn thành",
    "course_title": "Tên khóa đào tạo",
    "hours": "Thời lượng",
    "period": "Thời gian học",
    "form_of_study": "Hình thức đào tạo",
    "standard_edition": "Tiêu chuẩn",
    "result": "Kết quả",
    "place_and_date": "Nơi và ngày cấp",
    "signer_authority": "Thẩm quyền ký",
    "signer_title": "Chức vụ người ký",
    "signer_name": "Người ký",
    "qr": "Mã QR",
    "number": "Số hiệu",
    "register_entry_number": "Số vào sổ",
    "scan": "Lời về mã QR",
    "notice": "Lời về chữ ký số",
}


def layout(language: str) -> Layout:
    """The content of a certificate in ``vi`` or ``en``, in the built-in frame."""
    words, english = _WORDS[language], language == "en"

    def data(
        key: str, x: float, y: float, width: float, height: float, before: str = "", **style: Any
    ) -> Field:
        name, text = _NAMES[key], words.get(before, "")
        return Field("data", name, x, y, width, height, key=key, text=text, **style)

    def text(
        name: str, string: str, x: float, y: float, width: float, height: float, **style: Any
    ) -> Field:
        return Field("text", _NAMES[name], x, y, width, height, text=string, **style)

    heads: dict[str, Any] = {"size": 12.5, "capitals": True, "wrap": True}
    bold: dict[str, Any] = {"weight": "bold"}
    signer = (169.0, 107.0)
    beside: dict[str, Any] = {"align": "left"}
    fields = [
        data("parent_body", _LEFT, 19, _HALF, 6, **heads),
        data("issuing_body", _LEFT, 25, _HALF, 7, **heads, **bold),
        Field("rule", _NAMES["rule_body"], 62, 33, 41.5, 0.25),
        text(
            "nation", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", _RIGHT, 19, _HALF, 6, size=12.5, **bold
        ),
        text("motto", "Độc lập - Tự do - Hạnh phúc", _RIGHT, 25, _HALF, 7, size=13.5, **bold),
        Field("rule", _NAMES["rule_motto"], 184, 33, 60.5, 0.25),
    ]
    if english:
        fields += [
            text("nation_en", "SOCIALIST REPUBLIC OF VIET NAM", _RIGHT, 34, _HALF, 5, size=10.5),
            text("motto_en", "Independence - Freedom - Happiness", _RIGHT, 39, _HALF, 5, size=10.5),
        ]
    fields += [
        data("title", _LEFT, 45, _WIDE, 16, size=32 if english else 36, capitals=True, **bold),
        text("certifies", words["certifies"], _LEFT, 62, _WIDE, 7, size=15),
        data("full_name", _LEFT, 69, _WIDE, 14, size=30, wrap=True, **bold),
        data("date_of_birth", _LEFT, 83.5, _WIDE, 7, before="born", size=15),
        data("workplace", _LEFT, 91, _WIDE, 13.5, before="workplace", size=15, wrap=True),
        text("completed", words["completed"], _LEFT, 105, _WIDE, 7, size=15),
        data("course_title", _LEFT, 112.5, _WIDE, 20, size=22, wrap=True, **bold),
        data("hours", _LEFT, 134, 101, 7, before="hours", size=14, align="right"),
        data("period", 126, 134, 150, 7, size=14, align="left"),
        data("form_of_study", _LEFT, 141.5, 95, 7, before="form", size=14, align="right"),
        data("standard_edition", 120, 141.5, 80, 7, before="standard", size=14),
        data("result", 204, 141.5, 72, 7, before="result", size=14, align="left"),
        data("place_and_date", signer[0], 152, signer[1], 6.5, size=13, italic=True),
        data("signer_authority", signer[0], 158.5, signer[1], 6, size=13, capitals=True, **bold),
        data("signer_title", signer[0], 164.5, signer[1], 7, size=13, capitals=True, **bold),
        data("signer_name", signer[0], 186.5, signer[1], 7, size=13, **bold),
        Field("qr", _NAMES["qr"], 24, 159, 30, 30),
        data("number", 66, 166, 98, 6.5, before="number", size=13, **beside),
        data("register_entry_number", 66, 172.5, 98, 6.5, before="entry", size=13, **beside),
        text("scan", words["scan"], 66, 180, 98, 5, size=9.5, **beside),
        data("notice", 66, 185, 98, 8.5, size=9.5, wrap=True, **beside),
    ]
    return Layout(tuple(fields), ornament=True)
