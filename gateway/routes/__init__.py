"""What the API can be asked: one module per part of it, and what they share.

`table.py` lists all operations; `fields.py` and `requests.py` say what comes in, `messages.py` and `views.py` translate
to and from protobuf, `answers.py` describes what goes out, and `later.py` holds what is promised and not built yet.
"""
