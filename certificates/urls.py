from django.urls import path

from certificates import views

app_name = "certificates"
urlpatterns = [
    path("giay-chung-nhan/", views.mine, name="mine"),
    path("giay-chung-nhan/<uuid:public_id>/", views.certificate, name="certificate"),
    path("giay-chung-nhan/<uuid:public_id>/trang-thai/", views.state, name="state"),
    path("giay-chung-nhan/<uuid:public_id>/tai-ve/", views.download, name="download"),
    path("tra-cuu/", views.look_up, name="look_up"),
    path("tra-cuu/tep/", views.look_up_file, name="look_up_file"),
    path("T/<str:text>", views.look_up_qr, name="look_up_qr"),
]
