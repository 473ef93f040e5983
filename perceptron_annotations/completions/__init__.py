"""What services send. Files of recorded completions flow in; answers, apart from their reasoning, flow out."""
