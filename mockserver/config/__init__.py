"""Settings of the server, the shipped folders, optional extras, temporary files and names of sandboxes."""
