DROP TABLE restrictions;
DROP TABLE data_requests;
