"""What the API can be asked: one module per part of it, and what they share.

`table.py` lists all operations; `fields.py` and `requests` say what comes in, `messages` and `views` translate
to and from protobuf, `answers` describes what goes out, `examples.py` shows both, and `later.py` holds what is promised
and not built yet.
"""
