"""Forms: what people type, cleaned once at the border into the register's values."""
