"""Exchange formats for questions, one module each."""
