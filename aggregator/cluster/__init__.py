"""Stories: which entries report the same event, which are copies, which one leads, and why. Pure."""
