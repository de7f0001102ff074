"""Pure rules and words of the service desk: the lowest package, which everything else may import."""
