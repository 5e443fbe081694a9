"""Reports: one story told as deck, PDF, slides, document, tables and public folder.

A story holds released figures only: whoever builds one hands in plain frames in which a
hidden figure has a status and no number.
"""
