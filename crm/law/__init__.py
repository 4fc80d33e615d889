"""The law's dated values here: as shipped, corrected with a note, looked through once a year."""
