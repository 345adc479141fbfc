from django.urls import path

from certificates import views

app_name = "certificates"
urlpatterns = [
    path("giay-chung-nhan/", views.mine, name="mine"),
    path("giay-chung-nhan/<uuid:public_id>/", views.certificate, name="certificate"),
    path("giay-chung-nhan/<uuid:public_id>/trang-thai/", views.state, name="state"),
    path("giay-chung-nhan/<uuid:public_id>/tai-ve/", views.download, name="download"),
    path("giay-chung-nhan/<uuid:public_id>/anh.jpg", views.picture, name="picture"),
    path("tra-cuu/", views.look_up, name="look_up"),
    path("T/<str:text>", views.look_up_qr, name="look_up_qr"),
    path("T/<str:text>/anh.jpg", views.card, name="card"),
]
