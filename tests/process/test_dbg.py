import sqlite3
def test_x(pristine, django_db_blocker):
    with django_db_blocker.unblock():
        n = pristine.copy()
    print(pristine, n)
    for f in (pristine.used, pristine.name, n):
        c = sqlite3.connect(f); print(f, c.execute("select count(*) from sqlite_master").fetchall())
    assert 0
