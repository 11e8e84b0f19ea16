"""The coach's ports and their adapters: goals' numbers, a member's country, providers of replies, and our own texts.

Each port is a `Protocol` with its adapter and a fake or null beside it.
"""
