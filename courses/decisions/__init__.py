"""Lists that go with a decision: who learns in a run, and who has completed it."""
