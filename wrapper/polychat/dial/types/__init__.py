"""DIAL's types under the names where aidial-client has them.

Those of answers are the generated classes: they answer to attributes, ``model_dump()`` and
``dict()``. Those of requests are the generated TypedDicts.
"""
