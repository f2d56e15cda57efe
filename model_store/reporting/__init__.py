"""What a manifest says of a model, for people: sentences, tables, plots, a page."""
