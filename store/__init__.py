"""The only SQL of the house: tables, the unit of work, one module per aggregate, migrations."""
