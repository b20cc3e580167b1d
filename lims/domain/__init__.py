"""Values and rules of the laboratory: pure, without database, web or instrument.

A rule is code and a refusal cites it: gates return reasons with the object, the figure and the clause.
"""
