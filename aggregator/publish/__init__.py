"""Outputs: which stories, as which items, in which bytes. Pure: the only home of feedgen."""
