"""One stack: its state and history wherever Pulumi keeps them, its locks, and mending it after a killed update."""
