DROP TABLE help_figures;
DROP TABLE help_agents;
DROP TABLE help_notes;
DROP TABLE help_proposals;
DROP TABLE help_consents;
DROP TABLE help_offers;
