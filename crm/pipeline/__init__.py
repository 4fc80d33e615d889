"""The pipeline by municipality (H1): one row a body, every figure opening its rows."""
