"""Our own public pages as a network: what is written in their form is heard like anything else."""
