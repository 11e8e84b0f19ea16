"""The coach's rules, all pure: what is a sign of crisis, what a message asks for, what may be said back and why.

`safety` screens by `safety_rules`; `helplines` chooses whom to call; `intents` routes; `facts` are a member's numbers;
`context` lays out what an answer may draw on, framed by `framing`; `composer` writes the offline reply from `phrases`;
`lints` judge any reply; `conversation` holds threads, messages and the life of a reply.
"""
