"""Tests of X against its stand-in, which holds every call to X's own description."""
