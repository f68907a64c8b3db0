"""Many worlds: uncertain inputs, draws, members, and what follows from them."""
