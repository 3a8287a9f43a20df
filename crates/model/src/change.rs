//! Changes to a data model: what is asked for, what must hold, and what follows from it.
