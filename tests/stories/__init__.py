"""`make stories`: many small tests of a service, as its vendor writes them, on many workers, and a search for what they leave behind."""
