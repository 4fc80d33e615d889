"""Roles and permissions: who may do what. The whole table on one screen."""

from enum import StrEnum


class Role(StrEnum):
    REP = "rep"
    ACCOUNT_MANAGER = "account_manager"
    FOUNDER = "founder"
    ADMIN = "admin"
    VIEWER = "viewer"


class Permission(StrEnum):
    OWN = "own"  # one's own profile, sessions, second factor
    READ = "read"
    LOG_INTEREST = "log_interest"
    EDIT_ACCOUNTS = "edit_accounts"  # organisations, people, posts
    EDIT_CASES = "edit_cases"
    EDIT_CALENDARS = "edit_calendars"
    HANDLE_REMINDERS = "handle_reminders"
    HAND_OVER = "hand_over"  # a colleague's open things, to others; one's own are HANDLE_REMINDERS
    EDIT_RULES = "edit_rules"  # the reminder rules, for the whole installation
    EDIT_LAW = "edit_law"  # the law's dated values
    EXPORT = "export"
    EDIT_LISTS = "edit_lists"  # channels, triggers, products
    IMPORT = "import"
    MANAGE_USERS = "manage_users"


_SELLING = frozenset(Permission) - {
    Permission.MANAGE_USERS,
    Permission.EDIT_LISTS,
    Permission.EDIT_RULES,
    Permission.HAND_OVER,
    Permission.EDIT_LAW,
    Permission.IMPORT,
}
_ALLOWED: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset({Permission.OWN, Permission.READ}),
    Role.REP: _SELLING - {Permission.EXPORT},
    Role.ACCOUNT_MANAGER: _SELLING | {Permission.IMPORT, Permission.EDIT_RULES},
    Role.FOUNDER: frozenset(Permission) - {Permission.MANAGE_USERS, Permission.EDIT_LAW},
    Role.ADMIN: frozenset(Permission),
}


def allows(role: Role, permission: Permission) -> bool:
    """Does the role carry the permission?"""
    return permission in _ALLOWED[role]
