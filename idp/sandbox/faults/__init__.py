"""What can be made to go wrong on purpose, as data: each fault with what it is, what a sound client does, and the paragraph.

The provider's own code knows nothing of it: `idp.sandbox.fault_hook` and `idp.sandbox.logout_faults` hand over answers on their way out,
and a fault returns them changed, or says that it cannot apply. Pure: no database, no Flask. `catalogue` holds every fault by name;
`entry` is what a fault is, `forging` signs again; the other files are one each for a place where faults bite.
"""
