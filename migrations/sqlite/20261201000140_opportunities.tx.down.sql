DROP TRIGGER changes_opportunities_elsewhere;
DROP TABLE shifts;
DROP TABLE opportunities;
