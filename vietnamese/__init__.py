"""Vietnamese text, numbers and dates: the ground that every other room stands on."""
