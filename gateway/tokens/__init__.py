"""Tokens: short access tokens that need no look-up, refresh tokens that rotate, and what has been revoked.

`access.py` signs and judges access tokens, `jose.py` reads their wire form strictly, `refresh.py` makes and reads
refresh tokens, `revocations.py` knows what ended in the last minutes, `sessions.py` remembers verified tokens.
"""
