"""The school's handout: the page that a school gives to parents, both procedures step by step with pictures of the real pages.

Owns its words, its pictures, and how it is set as HTML and as PDF. Knows no database and no server: `idp.cli_guide` hands it the facts.
Nothing that serves imports it.
"""
