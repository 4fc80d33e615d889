"""The rulebook: Swedish law, calendars and customs as pure functions. No database, no web, no clock."""
