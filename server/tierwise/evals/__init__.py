"""What the ledger and cases say of the dispatching: a report, old calls at new prices, models on the same work."""
