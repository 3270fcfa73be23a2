"""The side of the comparison that arranges: data, turns, ratios, table. The peers themselves are in ../peers."""
