//! Every test of the program as its user meets it.
