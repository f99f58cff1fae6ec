"""The runtime under every platform: it knows no platform.

One exchange, from options to typed answer, is in `exchange`; what it decides with is in `retry`,
`auth`, `failures`; what it acts through is in `effects` and `http`; what it gives back is in
`stream` and `polychat_rest`. `client` joins them.
"""
