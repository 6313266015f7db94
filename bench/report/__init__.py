"""What bench/run is made of: it starts servers, has them loaded, and reports against the goals."""
