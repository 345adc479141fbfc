from django.urls import path

from certificates import views
from certificates.issue import confirming_views
from certificates.proof import credential_views, key_views, offline_views

app_name = "certificates"
urlpatterns = [
    path("giay-chung-nhan/", views.mine, name="mine"),
    path("giay-chung-nhan/<uuid:public_id>/", views.certificate, name="certificate"),
    path("giay-chung-nhan/<uuid:public_id>/trang-thai/", views.state, name="state"),
    path("giay-chung-nhan/<uuid:public_id>/tai-ve/", views.download, name="download"),
    path(
        "giay-chung-nhan/<uuid:public_id>/huy-hieu/",
        credential_views.credential,
        name="credential",
    ),
    path("giay-chung-nhan/<uuid:public_id>/chia-se/", credential_views.share, name="share"),
    path(
        "giay-chung-nhan/<uuid:public_id>/thoi-chia-se/",
        credential_views.withdraw,
        name="withdraw_share",
    ),
    path("chia-se/<str:token>/", credential_views.shared, name="shared"),
    path(
        "tinh-trang/<slug:register_code>/<int:list_number>/",
        credential_views.status_list,
        name="status_list",
    ),
    path("giay-chung-nhan/<uuid:public_id>/xac-nhan/", confirming_views.confirm, name="confirm"),
    path("giay-chung-nhan/<uuid:public_id>/anh.jpg", views.picture, name="picture"),
    path("tra-cuu/", views.look_up, name="look_up"),
    path("T/", offline_views.shell, name="offline"),
    path("T/worker.js", offline_views.worker, name="offline_worker"),
    path("tra-cuu/tep/", views.look_up_file, name="look_up_file"),
    path("T/<str:text>", views.look_up_qr, name="look_up_qr"),
    path("khoa-cong-khai/", key_views.public_keys, name="public_keys"),
    path("khoa-cong-khai/jwks.json", key_views.key_set, name="key_set"),
    path("khoa-cong-khai/<int:key_id>.json", key_views.public_key, name="public_key"),
    path("don-vi-cap/<slug:register_code>.json", key_views.issuer, name="issuer"),
    path("T/<str:text>/anh.jpg", views.card, name="card"),
]
