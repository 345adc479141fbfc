"""What the templates of the exam need."""
