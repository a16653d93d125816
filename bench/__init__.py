"""Speed and memory of the product beside a plain loop in the same run: `python -m bench`."""
