-- Which database this is: an index remembers it, and is not taken for one of another database.
INSERT INTO counter VALUES ('identity', random() & 0x7fffffffffffffff);
