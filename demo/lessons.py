"""The texts of the five lessons, in own words, after ``data/courses.md``."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DescribedLesson:
    clip: str
    title: str
    objectives: str
    clauses: str
    minutes: int
    transcript: str
    body: str


@dataclass(frozen=True)
class Described:
    code: str
    title: str
    hours: int
    summary: str
    audience: str
    lessons: tuple[DescribedLesson, ...]


AWARENESS = Described(
    code="ISO9001-NT",
    title="Chuyển đổi và áp dụng HTQLCL theo TCVN ISO 9001:2015 trong cơ quan hành chính nhà nước",
    hours=8,
    summary=(
        "Ba bài giảng giúp cán bộ, công chức hiểu vì sao cơ quan áp dụng TCVN ISO 9001:2015 và "
        "vận hành hệ thống trong công việc hằng ngày."
    ),
    audience="Cán bộ, công chức, viên chức và người lao động của cơ quan áp dụng HTQLCL.",
    lessons=(
        DescribedLesson(
            clip="A1",
            title="Vì sao cơ quan hành chính áp dụng TCVN ISO 9001; từ bản 2008 sang bản 2015",
            objectives=(
                "Nêu được căn cứ áp dụng, bảy nguyên tắc quản lý chất lượng và bốn thay đổi chính "
                "của bản 2015."
            ),
            clauses="ISO 9000: 2.3; ISO 9001: 0.1-0.4, 4",
            minutes=30,
            transcript=(
                "<p>Người dân cần kết quả đúng, đúng hạn và giải thích được. Hệ thống quản lý chất "
                "lượng giúp cơ quan giữ lời hứa đó một cách ổn định, không phụ thuộc vào từng "
                "người.</p><p>Bản 2015 đưa vào bốn điều mới đáng nhớ: bối cảnh của tổ chức, tư duy "
                "dựa trên rủi ro, vai trò trực tiếp của lãnh đạo, và cách gọi chung là thông tin "
                "dạng văn bản.</p>"
            ),
            body=(
                "<h2>Căn cứ</h2><ul><li>Quyết định 19/2014/QĐ-TTg</li>"
                "<li>Công văn 419/BKHCN-TĐC</li><li>Quyết định 101/QĐ-BKHCN</li></ul>"
                "<h2>Tự kiểm tra</h2><p>Hãy kể tên ba bên quan tâm của bộ phận mình và điều họ "
                "mong đợi.</p>"
            ),
        ),
        DescribedLesson(
            clip="A2",
            title="Lãnh đạo, rủi ro và mục tiêu chất lượng đo lường được",
            objectives=(
                "Viết được hai mục tiêu chất lượng đo lường được cho bộ phận mình; xác định rủi ro "
                "và hành động cho một thủ tục."
            ),
            clauses="ISO 9001: 5; 6",
            minutes=30,
            transcript=(
                "<p>Mục tiêu tốt nói rõ bao nhiêu, khi nào và đo bằng cách nào. So sánh “nâng cao "
                "chất lượng phục vụ” với “ít nhất 98 % hồ sơ hộ tịch trả đúng hạn trong năm”.</p>"
                "<p>Rủi ro được xử lý trước khi xảy ra: nhận biết, chọn hành động, đưa vào quy "
                "trình, rồi xem hành động có hiệu lực không.</p>"
            ),
            body=(
                "<h2>Bài tập nhỏ</h2><p>Chọn một thủ tục hay trễ hạn. Ghi một rủi ro, một hành "
                "động, người làm và thời hạn.</p>"
            ),
        ),
        DescribedLesson(
            clip="A3",
            title="Kiểm soát thông tin dạng văn bản và quá trình giải quyết thủ tục hành chính",
            objectives=(
                "Lập danh mục văn bản nội bộ và bên ngoài; sử dụng đúng Giấy tiếp nhận hồ sơ và "
                "hẹn trả kết quả, Phiếu kiểm soát quá trình giải quyết hồ sơ."
            ),
            clauses="ISO 9001: 7.5; 8.1-8.7; 10.2",
            minutes=35,
            transcript=(
                "<p>Văn bản cần đúng phiên bản, đúng chỗ, đọc được và được bảo vệ. Nghị định hay "
                "quyết định công bố thủ tục là thông tin có nguồn gốc bên ngoài và cũng phải được "
                "kiểm soát.</p><p>Phiếu kiểm soát đi cùng hồ sơ cho biết hồ sơ đang ở đâu, ai giữ, "
                "từ khi nào.</p>"
            ),
            body=(
                "<h2>Ba câu hỏi khi nhận một hồ sơ</h2><ol><li>Yêu cầu có rõ và đủ không?</li>"
                "<li>Cơ quan có đáp ứng đúng hạn được không?</li><li>Đã ghi lại lời hứa chưa?</li>"
                "</ol>"
            ),
        ),
    ),
)

INTERNAL_AUDITOR = Described(
    code="ISO9001-ĐGNB",
    title="Chuyên gia đánh giá nội bộ HTQLCL theo TCVN ISO 9001:2015",
    hours=16,
    summary=(
        "Hai bài giảng và một bài kiểm tra dành cho người sẽ đánh giá nội bộ hệ thống quản lý chất "
        "lượng của cơ quan mình."
    ),
    audience="Thành viên Ban chỉ đạo ISO, thư ký ISO, đánh giá viên nội bộ.",
    lessons=(
        DescribedLesson(
            clip="B1",
            title="Nguyên tắc, chương trình và chuẩn bị đánh giá nội bộ",
            objectives=(
                "Phân biệt chương trình và kế hoạch đánh giá; chọn đánh giá viên độc lập với công "
                "việc được đánh giá; soạn danh mục câu hỏi."
            ),
            clauses="ISO 9001: 9.2; ISO 19011:2018: 4, 5, 6.2, 6.3, 7",
            minutes=40,
            transcript=(
                "<p>Chương trình đánh giá sắp xếp các cuộc đánh giá của cả một thời kỳ; kế hoạch "
                "là lịch của một cuộc. Người đánh giá không đánh giá công việc của chính mình.</p>"
                "<p>Danh mục câu hỏi tốt bắt đầu từ quy trình, rủi ro và kết quả lần trước.</p>"
            ),
            body=(
                "<h2>Chuẩn bị</h2><p>Soạn năm câu hỏi mở cho một thủ tục của cơ quan mình. Câu hỏi "
                "mở bắt đầu bằng “như thế nào”, “ai”, “khi nào”, “bằng chứng đâu”.</p>"
            ),
        ),
        DescribedLesson(
            clip="B2",
            title="Tiến hành, viết điểm không phù hợp, báo cáo và theo dõi",
            objectives=(
                "Lấy mẫu, phỏng vấn, viết đủ chuẩn mực - bằng chứng - tuyên bố; đưa kết quả vào "
                "xem xét của lãnh đạo; kiểm tra hiệu lực khắc phục."
            ),
            clauses="ISO 9001: 9.3, 10.2; ISO 19011:2018: 6.4-6.7",
            minutes=40,
            transcript=(
                "<p>Một điểm không phù hợp đầy đủ gồm ba phần: yêu cầu là gì, đã thấy bằng chứng "
                "nào, và vì sao bằng chứng đó không đáp ứng yêu cầu.</p><p>Hành động khắc phục xử "
                "lý nguyên nhân; sau đó phải quay lại xem nguyên nhân đã hết chưa.</p>"
            ),
            body=(
                "<h2>Bài tập tình huống</h2><p>Trong mười hồ sơ tháng 8 có ba hồ sơ thiếu phiếu "
                "kiểm soát, trong khi quy trình yêu cầu có. Hãy viết điểm không phù hợp.</p>"
            ),
        ),
    ),
)
