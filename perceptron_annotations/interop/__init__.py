"""Objects of other libraries, made from ours and back."""
