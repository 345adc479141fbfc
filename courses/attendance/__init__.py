"""Class meetings and who was there: holding them, the codes, the list, the paper, the calendar."""
