"""The steps of the projection, each "changed keys in → changed keys out": load → pure core → save."""
