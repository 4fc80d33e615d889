"""Screens made of many domains: Today, an organisation's page, search, help."""
