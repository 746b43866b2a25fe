"""What `/openapi.json` says, held against the routes, the code that reads requests, and what is answered."""
