DROP TABLE pledge_acts;
DROP TABLE pledges;
DROP TABLE residents;
