"""The generator's driver: spec, overlay, normaliser, openapi-python-client, checks.

Reads from left to right: `specs` loads, `overlay` corrects, `normalise` rewrites what
openapi-python-client would lose, `build` runs it with our templates, whose code `emit`, `params`
and `endpoints` write; `check` and `worse` hold the result against the specs.
"""
