"""The store on one machine: SQLite through sqlite-utils. The only home of sqlite-utils."""
