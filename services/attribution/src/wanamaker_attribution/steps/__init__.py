"""The steps of the projection, in the order the data flows. Each takes dirty keys in and leaves dirty keys for the next."""
