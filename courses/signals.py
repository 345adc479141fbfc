"""What ``courses`` tells the rooms above, inside the transaction, each from one place.

``participated`` and ``completed`` carry ``enrolment``, ``at`` (the time of the deciding evidence)
and ``noted_at`` (when it became known). ``taken_back`` carries ``enrolment``, ``event`` (which of
the two no longer holds, or moves to another time and is told anew) and ``noted_at``.
``result_revised`` carries ``result``, ``before`` (the values replaced) and ``at``. Sent with
``send``: a receiver that fails undoes the whole.
"""

from django.dispatch import Signal

participated = Signal()
completed = Signal()
taken_back = Signal()
result_revised = Signal()
