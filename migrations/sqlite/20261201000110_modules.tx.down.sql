DROP TABLE modules_off;
