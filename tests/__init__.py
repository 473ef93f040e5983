"""The tests mirror the package; ``property/`` holds its promises, ``oracle/`` compares it with other tools."""
