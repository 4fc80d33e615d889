"""What every package needs and nobody would call business: settings, clock, database, errors."""
