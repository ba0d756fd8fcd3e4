drop table sealed.note, received_document, query;
