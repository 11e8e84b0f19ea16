"""Accounts: who may sign in, with what, and the sessions that follow.

`passwords.py` hashes and compares, `addresses.py` brings email addresses into one form, `usecases.py` registers, logs
in, refreshes and logs out.
"""
