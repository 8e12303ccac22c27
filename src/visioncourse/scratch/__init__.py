"""What the lessons build by hand, at full strength and in NumPy: readable first, then fast."""
