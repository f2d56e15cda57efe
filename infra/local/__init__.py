"""The embedded AWS: one process, loopback only, state in memory.

A package for each service that moto only stores the settings of, called like it; `strict` where
moto is laxer than AWS; `server` puts them together. What moto keeps is read in `moto_state`.
"""
