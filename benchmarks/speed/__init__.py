"""How fast activation maximization is, beside other ways to do it: `make bench`, or python -m benchmarks.speed"""
