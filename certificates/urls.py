from django.urls import path

from certificates import confirming_views, views

app_name = "certificates"
urlpatterns = [
    path("giay-chung-nhan/", views.mine, name="mine"),
    path("giay-chung-nhan/<uuid:public_id>/", views.certificate, name="certificate"),
    path("giay-chung-nhan/<uuid:public_id>/trang-thai/", views.state, name="state"),
    path("giay-chung-nhan/<uuid:public_id>/tai-ve/", views.download, name="download"),
    path("giay-chung-nhan/<uuid:public_id>/xac-nhan/", confirming_views.confirm, name="confirm"),
    path("tra-cuu/", views.look_up, name="look_up"),
    path("T/<str:text>", views.look_up_qr, name="look_up_qr"),
]
