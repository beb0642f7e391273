"""The nouns that every room shares: frozen values, standard library only, no behaviour but their own.

One thing per file; nothing here reads a clock, a setting or the network.
"""
