"""What each page shows, put together from the stages' queries. Reads only; nothing here decides or writes."""
