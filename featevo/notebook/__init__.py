"""A record in notebooks and scripts: `featevo.load`."""
