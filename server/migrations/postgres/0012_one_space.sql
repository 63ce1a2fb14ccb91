-- One space of each kind for a unit, whoever makes it: stations and towns bring theirs along when they are entered.
create unique index spaces_of_units on spaces (kind, unit) where kind < 6;
