"""The rules of goals: days, schedules, outcomes and every figure derived from them. Pure; time and ids are passed in.

Nothing derived is ever the truth: rules, phases and entries are the facts, and `Ledger` says what follows from them.
"""
