"""One module a format.  An adapter knows one machine by nature; nothing else outside the model does."""
