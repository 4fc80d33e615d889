"""The rulebook: Swedish law, calendars and customs as pure functions, without database or clock."""
