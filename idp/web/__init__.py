"""The pages and endpoints: parse the request, call a journey, render its answer.

Owns words, looks, cookies and HTTP headers. Holds no rule and no SQL. Journeys are injected by `idp.app`.
"""
