"""Tests of the rules of goals."""
