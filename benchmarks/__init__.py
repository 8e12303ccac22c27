"""What ``make bench`` runs: ratios against named peers, measured side by side in one process."""
