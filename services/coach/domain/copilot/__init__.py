"""What a mentor's copilot says: records with short names, patterns computed from them, and text that cites them."""
