from django.urls import path

from people import token_views

app_name = "people"
urlpatterns = [
    path("tai-khoan/ma-truy-cap/", token_views.own, name="tokens"),
    path("tai-khoan/ma-truy-cap/<int:token_id>/thu-hoi/", token_views.revoke, name="revoke_token"),
]
