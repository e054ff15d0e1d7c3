//! What was seen, as a model that terminal and page only typeset.
