"""Files that other tools read. Recordings flow in; a file of one format flows out, and a report of what it lacks."""
