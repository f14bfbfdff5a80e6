"""The commands that read and mend an archive, one module a command or close family."""
