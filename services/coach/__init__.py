"""Every word that an AI says to a member: the coach.

Owns: conversations (threads, messages, replies; always encrypted), the safety screen with its sticky state and its
helplines, plans, reviews, the journal, memory, and, when it comes, the dating-goals conversation. It is the only
holder of keys of model vendors; the offline coach, rules over the member's own numbers, stands behind the same port and
is the last of every chain.

Calls: goals (numbers) and mentor (calendar, country, consents, groups), each with the member's own passport and never
inside a transaction; without them it still answers. Events out: `coach.safety_flagged` (tier and rule ids, no text).
Events in: none yet.

Never: puts what a member writes into a log line, a span name, a metric or an exception; diagnoses; reads another
service's tables; lets a failing provider fail a call.
"""
