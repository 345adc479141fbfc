from jobs.models.heartbeat import Heartbeat
from jobs.models.mail import Mail
from jobs.models.progress import Progress

__all__ = ["Heartbeat", "Mail", "Progress"]
