"""A school's truth over years, the broken lists its office gets, and a check of every night. See test_school_years.py."""
