"""What every speed claim of the README is made with; each script prints the machine and the versions."""
