drop view named_file;
drop table upload, file;
