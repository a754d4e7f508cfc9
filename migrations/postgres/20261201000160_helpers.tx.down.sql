DROP TABLE helper_messages;
DROP TABLE commitments;
DROP TABLE helpers;
