"""Procurement notices from files: eForms, TED_EXPORT and OCDS, alone or many in a zip."""
