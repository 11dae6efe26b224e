"""How fast it is, beside the machine's own disk: `make bench`. Read the ratios: the rest is the machine's."""
