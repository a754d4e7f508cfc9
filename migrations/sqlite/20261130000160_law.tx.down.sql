DROP TABLE town_facts;
