"""What ``courses`` tells the rooms above, inside the transaction, each from one place.

``participated`` and ``completed`` carry ``enrolment`` and ``at``; ``result_revised`` carries
``result``, ``before`` (the values replaced) and ``at``. Sent with ``send``: a receiver that fails
undoes the whole.
"""

from django.dispatch import Signal

participated = Signal()
completed = Signal()
result_revised = Signal()
