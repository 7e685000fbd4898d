"""What every machine is made of: quantities, tables, a ledger, claims, and the machine itself."""
