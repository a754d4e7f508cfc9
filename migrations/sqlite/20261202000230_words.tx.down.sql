DROP TABLE town_words;
