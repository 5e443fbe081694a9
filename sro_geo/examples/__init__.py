"""Invented cities: drawn and thought up from round numbers with a fixed seed, never surveyed.

``python -m sro_geo.examples data`` writes the shipped Norderstedt again, byte for byte.
"""
