"""The simulator of FranceConnect, through its doors: HTTP and its control API."""
