"""What happens to people because time passes."""

from datetime import datetime

from crm.core import clock
from crm.core.db import one_by_one, transaction
from crm.people import operations, queries


def end_posts(now: datetime) -> int:
    """End the posts whose last day has passed, each in a transaction of its own. Returns how many.

    One whose row somebody saves in the same moment is left to them, and to the next day.
    """
    today, cause = clock.local(now).date(), "people.end_posts"

    def end(post_id: int) -> bool:
        post = queries.get_post(post_id)
        if post.leaving_on is None or post.leaving_on >= today:
            return False
        operations.end_post(post, on=post.leaving_on, by=None, today=today, now=now)
        return True

    with transaction(cause=cause):
        due = queries.left_by(today)
    return one_by_one(due, end, cause)
