"""The command line. Arguments flow in; what the library says flows out as text that a terminal shows safely."""
