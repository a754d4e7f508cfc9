DROP TABLE looks;
DROP TABLE watch_words;
