"""What happens to people because time passes."""

import logging
from datetime import datetime

from crm.core import clock
from crm.core.db import transaction
from crm.people import operations, queries

log = logging.getLogger("crm.people.jobs")


def end_posts(now: datetime) -> int:
    """End the posts whose last day has passed, each in a transaction of its own. Returns how many.

    One whose row somebody saves in the same moment is left to them, and to the next day.
    """
    today, cause, ended = clock.local(now).date(), "people.end_posts", 0
    with transaction(cause=cause):
        due = queries.left_by(today)
    for post_id in due:
        try:
            with transaction(cause=cause):
                post = queries.get_post(post_id)
                if post.leaving_on is not None and post.leaving_on < today:
                    operations.end_post(post, on=post.leaving_on, by=None, today=today, now=now)
                    ended += 1
        except Exception as error:  # one post stops only itself
            log.warning("post %s: was not ended: %s", post_id, type(error).__name__)
    return ended
