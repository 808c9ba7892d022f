"""Measures of renders: confusion, stability and candidates for complexity, with controls."""
