"""What a service's own test suite needs of a provider: one that runs for it, and parents who fill the pages in.

Owns the pytest plugin and what it is made of. Does not own any of the provider: it starts the command line in a process of its own and
talks to it over HTTP, as any tester could. Entered by pytest alone, through the entry point `preau`: pytest is no dependency of ours.
"""
