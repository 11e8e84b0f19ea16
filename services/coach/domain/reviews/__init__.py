"""What the coach writes unasked: what it finds in a week or a month, and how it says so."""
