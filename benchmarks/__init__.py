"""What polychat costs, as ratios to bare httpx taken in the same run. Start with ``run.py``."""
