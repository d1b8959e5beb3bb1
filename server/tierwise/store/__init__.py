"""What survives a restart: the ledger of actions and attempts in one SQLite file that all windows share."""
