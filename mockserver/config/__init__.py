"""Settings, shipped folders, optional extras, temporary files and names of sandboxes."""
