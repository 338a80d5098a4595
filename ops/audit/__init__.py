"""The audit: the CIS Docker Benchmark 1.6, sections 4 and 5, and rules of our own, on a stack's images and containers.

`facts` says what is known of an image or a container, `inventory` asks the daemon for it, the `…_checks` judge it and
`audit` puts the verdicts together. A check is a pure function: facts in, complaints out. Nothing here changes anything.
"""
