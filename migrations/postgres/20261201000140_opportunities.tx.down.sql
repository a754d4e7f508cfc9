DROP TRIGGER changes_opportunities_elsewhere ON objects;
DROP TABLE shifts;
DROP TABLE opportunities;
