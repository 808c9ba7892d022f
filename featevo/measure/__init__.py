"""Renders as numbers: what a judge that took no part sees in them, and how complex they are."""
