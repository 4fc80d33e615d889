"""People at the buyers, their posts, and their roles at an account.

A person is separate from a post: a teacher at two schools is one person with two posts, and a post
that ended stays. Users of the program live in `accounts`.
"""
